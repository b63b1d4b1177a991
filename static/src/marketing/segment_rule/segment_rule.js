import { onWillStart, onWillUpdateProps } from "@odoo/owl";
import { Domain } from "@web/core/domain";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { DomainField, domainField } from "@web/views/fields/domain/domain_field";

/** The rule of a segment: Odoo's editor of domains, with ready-made criteria to begin with. */
export class SegmentRule extends DomainField {
    static template = "partner_relations.SegmentRule";
    static components = { ...DomainField.components, Dropdown, DropdownItem };

    setup() {
        super.setup();
        this.groups = [];
        const loadGroups = async ({ readonly }) => {
            if (!readonly && !this.groups.length) {
                try {
                    this.groups = await this.orm.silent.call("partner.segment", "get_criteria", []);
                } catch (error) {
                    // the form opens without them, as after a lost connection; Odoo says what it was
                    Promise.reject(error);
                }
            }
        };
        onWillStart(() => loadGroups(this.props));
        // from the segment of a colleague to one's own by the pager
        onWillUpdateProps(loadGroups);
    }

    get hasRule() {
        return Boolean(this.props.record.data[this.props.name]);
    }

    get takesAll() {
        try {
            return this.hasRule && !new Domain(this.getDomain()).toList({}).length;
        } catch {
            // written by hand in developer mode, and no domain: Odoo says so below
            return false;
        }
    }

    addCriterion(criterion) {
        const before = this.hasRule ? [this.getDomain()] : [];
        this.update(Domain.and([...before, criterion.domain]).toString());
    }

    removeRule() {
        this.update(false);
    }
}

export const segmentRule = {
    ...domainField,
    component: SegmentRule,
    displayName: _t("Rule of a segment"),
};

registry.category("fields").add("segment_rule", segmentRule);
