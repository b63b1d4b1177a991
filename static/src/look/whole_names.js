import { patch } from "@web/core/utils/patch";
import { ListRenderer } from "@web/views/list/list_renderer";

const NAMES = ["char", "many2one", "text"];
const ON_PHONE = 130;
const ON_DESK = 110;
const SENTENCE_ON_PHONE = 280;
const LEAST_BADGE = 80;
const MOST_BADGE = 160;

/** How wide the widest of these badges is when its words stand in one line. */
function widestBadge(table, name) {
    const badges = [...(table?.querySelectorAll(`td[name="${name}"] .badge`) ?? [])];
    badges.forEach((badge) => (badge.style.whiteSpace = "nowrap"));
    const widths = badges.map((badge) => Math.ceil(badge.getBoundingClientRect().width));
    badges.forEach((badge) => (badge.style.whiteSpace = ""));
    return Math.max(0, ...widths);
}

/**
 * In the addon's lists names go on in a second line where their column ends, and whom or what the line is about in a
 * third.
 *
 * Core ends them with dots after the first line: of "Công ty TNHH Phần mềm…" what all Vietnamese companies have in
 * common.
 */
patch(ListRenderer.prototype, {
    /** Whether what stands in the column is told in several lines. */
    isRelationsName(column) {
        return this._isRelationsList() && NAMES.includes(column.fieldType) && column.name !== "email";
    },

    /** Whether the column tells whom or what the line is about. */
    isRelationsSubject({ name }) {
        return name === "name" || this.props.list.fields[name]?.relation === "res.partner";
    },

    _isRelationsList() {
        return Boolean(this.props.archInfo?.className?.split(" ").includes("o_relations_list"));
    },

    processAllColumn(allColumns, list) {
        const columns = super
            .processAllColumn(allColumns, list)
            .map((column) => (this._isSentence(column) ? this._withLeast(column, SENTENCE_ON_PHONE) : column));
        return this._isRelationsList()
            ? columns.map((column) => this._withRoomForBadges(this._withRoomForNames(column)))
            : columns;
    },

    /** A sentence would make a tower of core's 80 pixels; the lists of a phone scroll. */
    _isSentence({ attrs }) {
        return this.env.isSmall && Boolean(attrs?.class?.split(" ").includes("o_relations_sentence"));
    },

    _withLeast(column, least) {
        return { ...column, field: { ...column.field, listViewWidth: [least] } };
    },

    /** The words of a state stand in one line, which core does not ask for. */
    _withRoomForBadges(column) {
        if (column.widget !== "badge" || column.attrs?.width || !column.field || column.field.listViewWidth) {
            return column;
        }
        const listViewWidth = () => [
            Math.min(Math.max(widestBadge(this.tableRef.el, column.name), LEAST_BADGE), MOST_BADGE),
        ];
        return { ...column, field: { ...column.field, listViewWidth } };
    },

    /** Whom or what a line is about has more room than core's 80 pixels; on a phone, whose lists scroll, all names. */
    _withRoomForNames(column) {
        const { fieldType, field, attrs, widget } = column;
        if (widget || attrs?.width || !field || !["char", "many2one"].includes(fieldType)) {
            return column;
        }
        if (!this.isRelationsSubject(column) && !this.env.isSmall) {
            return column;
        }
        return this._withLeast(column, this.env.isSmall ? ON_PHONE : ON_DESK);
    },
});
