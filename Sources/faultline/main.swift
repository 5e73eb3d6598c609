// The command: everything it does is in FaultlineCommands.
import FaultlineCommands

Faultline.start()
