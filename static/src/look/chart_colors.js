/**
 * Colours of lines and bars, out of Odoo's palette of charts: those that stand out from a light and from a dark
 * background alike (3 : 1 at least, WCAG 2.2, 1.4.11).
 */
export const CHART_COLORS = {
    blue: "#3188E6",
    red: "#CE4257",
    teal: "#0E8270",
    orange: "#BE5D10",
    violet: "#A76DBC",
    grey: "#7E8290",
};
