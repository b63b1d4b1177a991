import { toRaw } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { patch } from "@web/core/utils/patch";
import { Record } from "@web/model/relational_model/record";

const OWN_MODELS = /^(partner|supplier|manager|purchase\.promise)\./;

/**
 * What is missing is told by name.
 *
 * Core says that something is, and marks it, which may be on another page of the form or above what is seen. Core's words
 * have no Vietnamese in Odoo; those that are here serve core, too, as the client looks in all terms in the end.
 */
patch(Record.prototype, {
    _displayInvalidFieldNotification() {
        if (!OWN_MODELS.test(this.resModel)) {
            return super._displayInvalidFieldNotification();
        }
        const labels = [...toRaw(this._invalidFields)].map((name) => this.fields[name].string);
        return this.model.notification.add(labels.join(", "), { title: _t("Missing required fields"), type: "danger" });
    },
});
