import Glibc
import HDF5

exit(HDF5Worker.run(Array(CommandLine.arguments.dropFirst())))
