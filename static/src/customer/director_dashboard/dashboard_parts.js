import { Component } from "@odoo/owl";

/** A block of the dashboard: its title, what it is made of, and its figures. */
export class DashboardCard extends Component {
    static template = "partner_relations.DashboardCard";
    static props = {
        name: String,
        title: String,
        note: String,
        isEmpty: { type: Boolean, optional: true },
        wide: { type: Boolean, optional: true },
        slots: Object,
    };
}

/** A figure that opens what it is made of; where nothing is known, a dash. */
export class DashboardFigure extends Component {
    static template = "partner_relations.DashboardFigure";
    static props = {
        value: String,
        name: String,
        title: { type: String, optional: true },
        label: { type: String, optional: true },
        className: { type: String, optional: true },
        onOpen: Function,
    };
    static defaultProps = { title: "", label: "", className: "" };
}
