import { _t } from "@web/core/l10n/translation";
import { patch } from "@web/core/utils/patch";
import { Group } from "@web/model/relational_model/group";

/**
 * The group of what has no value has a name, also where the field is a selection.
 *
 * Core names it for each other kind of field, and in pivots and graphs; of contacts by class it would show their number
 * alone.
 */
patch(Group.prototype, {
    setup() {
        super.setup(...arguments);
        const { type, falsy_value_label } = this.groupByField;
        if (type === "selection" && !this.value && !this.displayName) {
            this.displayName = falsy_value_label || _t("None");
        }
    },
});
