/// The known causes of refusals, by their stable codes.
///
/// A code is never given to another cause, and a cause never gets another code: a case that goes leaves a
/// gap. The raw value is the code.
public enum DiagnosticCode: String, Sendable, CaseIterable {
    // E01xx: NIR files and graphs.

    /// The HDF5 file cannot be opened.
    case hdf5FileUnreadable = "E0101"
    /// The bytes are not those of an HDF5 file.
    case notHDF5 = "E0102"
    /// The HDF5 file is damaged or cut short.
    case hdf5Damaged = "E0103"
    /// The values of an array cannot be read.
    case hdf5ArrayUnreadable = "E0104"
    /// The HDF5 file holds more than is read.
    case hdf5TooLarge = "E0105"
    /// The program that reads HDF5 files does not start.
    case hdf5ReaderMissing = "E0106"
    /// The program that reads HDF5 files died, hung or answered nonsense.
    case hdf5ReaderFailed = "E0107"
    /// Neither the exporter nor a time step is given.
    case noTimeStep = "E0110"
    /// The time step is not a positive number.
    case badTimeStep = "E0111"
    /// A part that every NIR file has is not there.
    case nirPartMissing = "E0112"
    /// A part is stored in a way that is not read.
    case nirPartUnreadable = "E0113"
    // E0114 was the code of node types of NIR that were not read yet.

    /// The node type does not exist in NIR.
    case nirNodeUnknown = "E0115"
    /// A part is of another kind than it must be.
    case nirKind = "E0116"
    /// The shape of a parameter does not fit.
    case nirShape = "E0117"
    /// A parameter is infinite or not a number.
    case nirNotFinite = "E0118"
    /// A time constant is not positive.
    case nirTimeConstant = "E0119"
    /// Nothing leads into an Output.
    case nirOutputUnfed = "E0120"
    /// A nested graph has several Inputs or Outputs.
    case nirPorts = "E0121"
    /// An edge names a node that is not there.
    case nirEdgeToNowhere = "E0122"
    /// An edge leaves an Output or enters an Input.
    case nirEdgeWrongWay = "E0123"
    /// An edge is there twice.
    case nirEdgeTwice = "E0124"
    /// The two ends of an edge have different shapes.
    case nirEdgeShapes = "E0125"
    /// A loop of nodes has no neuron.
    case nirLoop = "E0126"
    /// A time constant of the file is shorter than the step.
    case nirUnstableStep = "E0127"
    /// The network holds more than is read.
    case nirTooLarge = "E0128"
    /// A delay is negative, or longer than is read.
    case nirDelay = "E0129"

    // E02xx: Descriptions: experiments, networks, studies.

    /// A description cannot be opened, or is no text.
    case descriptionUnreadable = "E0201"
    /// A description is not YAML.
    case descriptionSyntax = "E0202"
    /// A description uses an anchor.
    case descriptionAnchor = "E0203"
    /// A key does not exist.
    case descriptionUnknownKey = "E0204"
    /// A key, a name or a value stands twice.
    case descriptionTwice = "E0205"
    /// A key is missing.
    case descriptionMissing = "E0206"
    /// A value is of another kind, or out of its range.
    case descriptionValue = "E0207"
    /// A name leads nowhere.
    case descriptionReference = "E0208"
    /// A name has characters that names may not have.
    case descriptionName = "E0209"
    /// Keys do not go together.
    case descriptionKeysTogether = "E0210"
    /// A description asks for more than is run.
    case descriptionTooLarge = "E0211"
    /// A projection cannot be drawn as it is described.
    case descriptionProjection = "E0212"
    /// An array of another file does not fit.
    case descriptionArray = "E0213"
    /// A key path of an arm leads nowhere.
    case descriptionPath = "E0214"
    /// There is no arm of that name.
    case descriptionArm = "E0215"
    /// A feedback projection does not mirror its forward projection.
    case descriptionFeedback = "E0216"
    /// Arrays of synapses contradict one another.
    case descriptionConnections = "E0217"

    // E03xx: Networks against chips.

    /// The network contradicts itself.
    case networkContradiction = "E0301"
    /// The network has no neurons.
    case nothingToRun = "E0302"
    /// A loop has less delay than projections.
    case loopWithoutDelay = "E0303"
    /// An output reads a weighted sum.
    case outputWithoutNeuron = "E0304"
    /// An output reads an input.
    case outputOfInput = "E0305"
    /// A population that does not spike feeds another.
    case analogSource = "E0306"
    /// The chip has no soma for the neuron model.
    case modelNotOnChip = "E0307"
    /// The chip has no synaptic current.
    case noCurrentOnChip = "E0308"
    /// The chip leaks by a constant.
    case noExponentialLeak = "E0309"
    /// Two projections need one place of a crossbar.
    case parallelProjections = "E0310"
    /// The chip has no bias above 0.
    case positiveBias = "E0311"
    /// Weights of both signs leave one neuron.
    case mixedSigns = "E0312"
    /// The chip cannot reset as the network asks.
    case resetNotOnChip = "E0313"
    /// A time constant is shorter than the step.
    case unstableStep = "E0314"
    /// A threshold lies below the reset level.
    case negativeThreshold = "E0315"
    /// A delay is longer than the chip has.
    case delayTooLong = "E0316"
    /// One neuron is too large for a core.
    case neuronTooLarge = "E0317"
    /// The network needs more cores than the chip has.
    case tooManyCores = "E0318"
    /// A core needs more routes out than it has.
    case tooManyRoutes = "E0319"
    /// The chip has no learning engine.
    case noLearningOnChip = "E0320"
    /// Learning rules have no programs.
    case rulesNotCompiled = "E0321"
    /// A refractory period is longer than the chip counts.
    case refractoryTooLong = "E0322"
    /// The chip has no noise on membranes.
    case noNoiseOnChip = "E0323"
    /// A postsynaptic potential is longer than the chip holds.
    case potentialTooLong = "E0324"
    /// A population has more compartments than a neuron of the chip.
    case tooManyCompartments = "E0325"
    /// A compartment's gain is beyond the chip's shifts.
    case compartmentGain = "E0326"
    /// Too few cores are alive.
    case tooFewLivingCores = "E0341"
    /// Pinned populations need more cores.
    case pinnedCoresTooFew = "E0342"
    /// A core that the user names does not exist.
    case noSuchCore = "E0343"
    /// A population that the user pins does not exist.
    case noSuchPopulation = "E0344"
    /// Rates were recorded with another network.
    case ratesDoNotFit = "E0345"
    /// A compiler pass broke its own promise.
    case compilerFault = "E0399"

    // E04xx: Chip specs.

    /// A chip spec cannot be read, or is no text.
    case specUnreadable = "E0401"
    /// A chip spec is not YAML.
    case specSyntax = "E0402"
    /// A key of a chip spec does not exist.
    case specUnknownKey = "E0403"
    /// A key of a chip spec stands twice.
    case specTwice = "E0404"
    /// A key of a chip spec is missing.
    case specMissing = "E0405"
    /// A value of a chip spec is out of its range.
    case specValue = "E0406"
    /// There is no chip of that name.
    case unknownChip = "E0407"

    // E05xx: Chip images.

    /// A chip image cannot be opened.
    case imageUnreadable = "E0501"
    /// A chip image cannot be written.
    case imageUnwritable = "E0502"
    /// The file is no chip image.
    case notAnImage = "E0503"
    /// A later version wrote the chip image.
    case imageNewer = "E0504"
    /// A checksum of the chip image is wrong.
    case imageDamaged = "E0505"
    /// The chip image contradicts its format.
    case imageMalformed = "E0506"
    /// A section of the chip image must be understood and is not.
    case imageUnknownSection = "E0507"
    /// The tables of a chip image contradict each other or the chip.
    case imageInvalid = "E0508"
    /// The chip image cannot hold a value.
    case imageNotEncodable = "E0509"

    // E06xx: Learning rules against engines.

    /// The chip of a rule has no learning engine.
    case ruleNoEngine = "E0601"
    /// A line of a rule does not read.
    case ruleSyntax = "E0602"
    /// A key of a rule does not exist.
    case ruleUnknownKey = "E0603"
    /// A key of a rule stands twice.
    case ruleTwice = "E0604"
    /// A rule, or a product of it, is too long.
    case ruleTooLong = "E0605"
    /// A rule changes nothing.
    case ruleEmpty = "E0606"
    /// The chip's rule is wired.
    case ruleWired = "E0607"
    /// A value of a rule is out of its range.
    case ruleValue = "E0608"
    /// The chip's engine has no such register.
    case ruleRegisterNotOnChip = "E0609"
    /// A rule names a register that does not exist.
    case ruleUnknownName = "E0610"
    /// The chip's engine does not change that variable.
    case ruleTargetNotOnChip = "E0611"
    /// A rule mixes products and windows.
    case ruleMixture = "E0612"
    /// A rule has more products than the engine holds.
    case ruleTooManyProducts = "E0613"
    /// A rule declares what it does not use.
    case ruleUnused = "E0614"
    /// A product has no trigger, or two.
    case ruleTrigger = "E0615"
    /// A window is beyond the chip, or empty.
    case ruleWindow = "E0616"
    /// A coefficient is beyond the engine.
    case ruleCoefficient = "E0617"
    /// A bracket is beyond the engine.
    case ruleConstant = "E0618"
    /// A rule reads a learning trace that it does not declare.
    case ruleUndeclared = "E0619"
    /// A product has two amplitudes.
    case ruleAmplitudes = "E0620"
    /// The period of a uk does not fit.
    case ruleInterval = "E0621"

    // E07xx: Samples.

    /// A file of samples cannot be read.
    case samplesUnreadable = "E0701"
    /// A file of samples is a single array.
    case samplesSingleArray = "E0702"
    /// An array of samples is missing.
    case samplesMissingArray = "E0703"
    /// Samples are given in two ways.
    case samplesAmbiguous = "E0704"
    /// An array of samples is there twice.
    case samplesArrayTwice = "E0705"
    /// An array of samples cannot be unpacked.
    case samplesArrayUnreadable = "E0706"
    /// An array is shorter or longer than it says.
    case samplesLength = "E0707"
    /// An array has no valid header.
    case samplesHeader = "E0708"
    /// An array holds Python objects.
    case samplesObjects = "E0709"
    /// An array holds elements of a type that is not read.
    case samplesType = "E0710"
    /// An array of spikes has too few dimensions.
    case samplesShape = "E0711"
    /// An array of samples is larger than is read.
    case samplesTooLarge = "E0712"
    /// A spike is neither 0 nor 1.
    case samplesNotBinary = "E0713"
    /// There is not one label for each sample.
    case samplesLabelCount = "E0714"
    /// A label is no class.
    case samplesLabel = "E0715"
    /// Two inputs differ in samples or steps.
    case samplesInputsDiffer = "E0716"
    /// Two samples differ in steps.
    case samplesStepsDiffer = "E0717"
    /// A channel lies outside of its shape.
    case samplesChannel = "E0718"
    /// An Input node gets no spikes.
    case samplesNoSpikes = "E0719"
    /// Spikes are meant for a node that is not there.
    case samplesNoNode = "E0720"
    /// The channels of an array are not those of the node.
    case samplesChannels = "E0721"
    /// Samples cannot be written.
    case samplesUnwritable = "E0722"
}
