import Glibc
import HDF5Reader

exit(HDF5Worker.run(Array(CommandLine.arguments.dropFirst())))
