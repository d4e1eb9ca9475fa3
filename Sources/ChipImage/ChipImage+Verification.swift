extension ChipImage {
    public func verify() throws(ChipImageError) {}
}
