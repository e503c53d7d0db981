// All of the library is in TDXMemoryLibrary. SwiftPM asks for a source file.
