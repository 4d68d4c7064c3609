using System.CommandLine;
using System.Globalization;
using Unroll.Cli.Runs;
using Unroll.Cli.Terminal;
using Unroll.Cli.Translation;
using Unroll.Tasks;
using Unroll.Text;

namespace Unroll.Cli.Verbs;

/// <summary><c>unroll train translate SOURCE TARGET</c>: a translator from two files of which equal lines belong together.</summary>
internal sealed class TrainTranslateVerb : Verb
{
    private readonly Argument<string> _source = new("SOURCE") { Description = "Sentences in UTF-8, one a line; a name in .gz is unpacked." };
    private readonly Argument<string> _target = new("TARGET") { Description = "Their translations, line by line." };
    private readonly Option<string[]> _validation = Pair("--validation", "Pairs that choose the epoch; nothing is learnt from them.");
    private readonly Option<string[]> _test = Pair("--test", "Pairs on which the translator is scored at the end. Default: the validation pairs.");
    private readonly Option<bool> _lowerCase = new("--lower-case") { Description = "Lowers all text, the references too." };
    private readonly Option<bool> _skipEmpty = new("--skip-empty") { Description = "Leaves pairs out of which a side is empty, instead of refusing them." };
    private readonly Option<string?> _cell = Word("--cell", "The recurrent layers. Default gru.", "gru", "lstm");
    private readonly Option<int?> _units = Whole("--units", "The width of the decoder; each direction of the encoder has half of it. Even. Default 512.", 2, 65536);
    private readonly Option<int?> _embedding = Whole("--embedding", "The width of a token's embedding. Default 256.", 1, 65536);
    private readonly Option<int?> _encoderLayers = Whole("--encoder-layers", "How many recurrent layers read. Default 1.", 1, 32);
    private readonly Option<int?> _decoderLayers = Whole("--decoder-layers", "How many recurrent layers write. Default 1.", 1, 32);
    private readonly Option<bool> _inputFeeding = new("--input-feeding") { Description = "Lets the decoder read what it attended to; slower." };
    private readonly Option<int?> _merges = Whole("--merges", "The most byte pairs that become tokens, in each language. Default 5000.", 0, 16_000_000);
    private readonly Option<double?> _dropout = Share("--dropout", "The share dropped in training, at least 0 and below 1. Default 0.4.");
    private readonly Option<int?> _epochs = Whole("--epochs", "How many times the pairs are gone through. Default 12.", 1);
    private readonly Option<double?> _rate = Positive("--learning-rate", "Adam's learning rate: constant for half of the training, then falling to zero. Default 0.001.");
    private readonly Option<int?> _batch = Whole("--batch", "Pairs a step. Default 64.", 1);
    private readonly Option<int?> _patience = Whole("--patience", "Epochs without a better validation loss after which training ends. Default 5.", 1);
    private readonly Option<int?> _maximum = Whole("--maximum-length", "The most tokens of a sentence; longer pairs are left out. Default 100.", 2, 1_000_000);
    private readonly Option<int?> _beam = Whole("--beam", "How many translations of a sentence are followed at once for the scores. Default 5.", 1, 1000);
    private readonly Option<int?> _seed = Whole("--seed", "The seed of initial weights, order and dropout: equal seeds give equal models. Default 0.", 0);
    private readonly Option<string?> _out = new("--out") { Description = "The run folder. Default runs/translate, with a number behind it where that is taken. An earlier run in the folder named is replaced.", HelpName = "FOLDER" };
    private readonly Option<bool> _resume = new("--resume") { Description = "Goes on from the run folder's checkpoint, to the same bits as if never stopped." };
    private readonly Option<int?> _checkpointEvery = Whole("--checkpoint-every", "Writes the checkpoint also after every N steps, besides the end of each epoch.", 1);

    public TrainTranslateVerb(Screen screen) : base("translate", "Trains a translator on pairs of sentences.")
    {
        _validation.Required = true;
        _units.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && int.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out int units) && units % 2 != 0)
                result.AddError($"--units is '{units.ToString(CultureInfo.InvariantCulture)}'; expected an even number, half for each direction of the encoder.");
        });
        Add(_source);
        Add(_target);
        foreach (Option option in new Option[]
        {
            _validation, _test, _lowerCase, _skipEmpty, _cell, _units, _embedding, _encoderLayers, _decoderLayers, _inputFeeding, _merges, _dropout, _rate, _epochs, _batch, _patience, _maximum,
            _beam, _seed, _out, _resume, _checkpointEvery,
        })
            Add(option);
        Remarks =
        [
            "The translator is an encoder that reads both ways and a decoder with attention, over byte pairs learnt from the training text. BLEU is computed as sacreBLEU does (13a) on the references as they are, lowered with --lower-case. The run folder gets model.safetensors, configuration.json, metrics.jsonl, checkpoint.safetensors and report.html. Ctrl-C ends the run with its checkpoint; the same command with --resume goes on.",
        ];
        Examples =
        [
            ("unroll train translate train.de train.en --validation val.de val.en --test test.de test.en --lower-case", "German to English; the run goes to runs/translate"),
            ("unroll train translate train.en train.fr --validation val.en val.fr --cell lstm --input-feeding --out runs/french", "another pair of languages, another network"),
        ];
        SetAction((result, cancel) =>
        {
            TranslationRun.Run(Job(result), screen, cancel);
            return Task.FromResult(ExitCodes.Done);
        });
    }

    private TranslationJob Job(ParseResult result)
    {
        EmptyLines emptyLines = result.GetValue(_skipEmpty) ? EmptyLines.Skip : EmptyLines.Refuse;
        bool resume = result.GetValue(_resume);
        string[] validation = result.GetRequiredValue(_validation);
        var defaults = new TranslationOptions();
        return new TranslationJob
        {
            Train = TextPair.Read(result.GetRequiredValue(_source), result.GetRequiredValue(_target), emptyLines),
            Validation = TextPair.Read(validation[0], validation[1], emptyLines),
            Test = result.GetValue(_test) is [string source, string target] ? TextPair.Read(source, target, emptyLines) : null,
            Options = defaults with
            {
                Cell = string.Equals(result.GetValue(_cell), "lstm", StringComparison.OrdinalIgnoreCase) ? TranslationCell.Lstm : TranslationCell.Gru,
                Units = result.GetValue(_units) ?? defaults.Units,
                EmbeddingUnits = result.GetValue(_embedding) ?? defaults.EmbeddingUnits,
                EncoderLayers = result.GetValue(_encoderLayers) ?? defaults.EncoderLayers,
                DecoderLayers = result.GetValue(_decoderLayers) ?? defaults.DecoderLayers,
                InputFeeding = result.GetValue(_inputFeeding),
                Merges = result.GetValue(_merges) ?? defaults.Merges,
                LowerCase = result.GetValue(_lowerCase),
                Dropout = (float)(result.GetValue(_dropout) ?? defaults.Dropout),
                LearningRate = (float)(result.GetValue(_rate) ?? defaults.LearningRate),
                Epochs = result.GetValue(_epochs) ?? defaults.Epochs,
                BatchSize = result.GetValue(_batch) ?? defaults.BatchSize,
                Patience = result.GetValue(_patience) ?? defaults.Patience,
                MaximumLength = result.GetValue(_maximum) ?? defaults.MaximumLength,
                Seed = (ulong)(result.GetValue(_seed) ?? 0),
            },
            Beam = result.GetValue(_beam) ?? 5,
            Folder = result.GetValue(_out) is { Length: > 0 } given ? new RunFolder(given) : RunFolder.Default("translate", resume),
            Resume = resume,
            CheckpointEvery = result.GetValue(_checkpointEvery) ?? 0,
        };
    }

    private static Option<string[]> Pair(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "SOURCE TARGET",
        Arity = new ArgumentArity(2, 2),
        AllowMultipleArgumentsPerToken = true,
    };

    private static Option<double?> Share(string name, string description) => Number(name, description, "SHARE", "a share of at least 0 and below 1", share => share is >= 0 and < 1);

    private static Option<double?> Positive(string name, string description) => Number(name, description, "X", "a number above 0", number => number > 0 && double.IsFinite(number));
}
