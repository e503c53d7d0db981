import TDXMemory
