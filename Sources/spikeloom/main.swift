import SpikeloomCommands

Spikeloom.runProgram()
