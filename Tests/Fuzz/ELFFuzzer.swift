// Owns libFuzzer's entry into the ELF parser and the symbol table: bytes in, whatever is accepted is looked at.
// It does not know what is right: a trap, a leak, too much memory or too much time is what libFuzzer finds. fuzz.sh compiles it in
// one module with the sources of ELFFormat, and only where the toolchain has libFuzzer.

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzELF(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  for use in [ELFFile.Use.program, .image] {
    guard let file = try? ELFFile(bytes, as: use) else { continue }
    for segment in file.segments { precondition(segment.offset + segment.fileSize <= UInt64(count)) }
    if let path = file.interpreter { precondition(ELFFile.path(bytes[path]).count <= path.count) }
  }
  let table = SymbolTable(bytes)
  for symbol in table.symbols.prefix(64) { precondition(table.nearest(symbol.address)?.offset == 0) }
  _ = table.address(of: "main")
  return 0
}
