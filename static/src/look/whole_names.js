import { patch } from "@web/core/utils/patch";
import { ListRenderer } from "@web/views/list/list_renderer";

const NAMES = ["char", "many2one", "text"];
const ON_PHONE = 130;
const ON_DESK = 110;

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
        const columns = super.processAllColumn(allColumns, list);
        return this._isRelationsList() ? columns.map((column) => this._withRoomForNames(column)) : columns;
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
        return { ...column, field: { ...field, listViewWidth: [this.env.isSmall ? ON_PHONE : ON_DESK] } };
    },
});
