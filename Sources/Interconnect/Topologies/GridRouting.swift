import ChipSpec

/// Ways on a grid: along the row first, then along the column (XY, dimension order).
///
/// Link 4t + d leaves tile t to the east, west, south or north (d = 0 … 3).
struct GridRouting: Sendable {
    let width: Int
    let height: Int
    let order: TileOrder
    /// Whether rows and columns are rings.
    let hasRings: Bool

    func place(of tile: Int) -> (column: Int, row: Int) {
        switch order {
        case .rows: (tile % width, tile / width)
        case .columns: (tile / height, tile % height)
        }
    }

    func tile(column: Int, row: Int) -> Int {
        switch order {
        case .rows: row * width + column
        case .columns: column * height + row
        }
    }

    func nextLink(at router: Int, toward tile: Int) -> Int {
        let here = place(of: router)
        let there = place(of: tile)
        if here.column != there.column {
            return 4 * router
                + (goesUp(from: here.column, to: there.column, around: width) ? 0 : 1)
        }
        return 4 * router + (goesUp(from: here.row, to: there.row, around: height) ? 2 : 3)
    }

    /// Whether the way leads to larger numbers.
    ///
    /// Halfway around a ring both ways are as long: even places go up, odd ones down, so that both
    /// directions get their share.
    private func goesUp(from here: Int, to there: Int, around size: Int) -> Bool {
        guard hasRings else { return there > here }
        let up = (there - here + size) % size
        return 2 * up == size ? here.isMultiple(of: 2) : 2 * up < size
    }

    func end(of link: Int) -> Int {
        var (column, row) = place(of: link / 4)
        switch link & 3 {
        case 0: column += 1
        case 1: column -= 1
        case 2: row += 1
        default: row -= 1
        }
        return tile(column: (column + width) % width, row: (row + height) % height)
    }
}
