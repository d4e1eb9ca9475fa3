import ChipSpec
import Description

extension ChipCatalogue {
    /// The chip of a study's arm.
    ///
    /// - Parameters:
    ///   - name: Its name, or the path of a chip spec.
    ///   - settings: Changes to the spec, in their order.
    ///   - energy: Name of an energy table, or nil for the chip's first.
    /// - Returns: The chip, settings applied, and the table; the first one if there is none of that name.
    /// - Throws: `ChipSpecError`.
    func chip(
        _ name: String,
        _ settings: [ChipSetting],
        energy: String?
    ) throws -> (chip: ChipSpec, table: EnergyTable) {
        var chip = try load(name)
        for setting in settings {
            chip = try chip.setting(setting.key, to: setting.value, place: setting.place)
        }
        let table = energy.flatMap { name in chip.energyTables.first { $0.name == name } }
        return (chip, table ?? chip.energyTables[0])
    }
}
