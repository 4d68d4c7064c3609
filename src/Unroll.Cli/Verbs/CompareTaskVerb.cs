using System.CommandLine;
using System.Globalization;
using Unroll.Cli.Comparison;
using Unroll.Cli.Csv;
using Unroll.Cli.Runs;
using Unroll.Cli.Terminal;
using Unroll.Tasks;

namespace Unroll.Cli.Verbs;

/// <summary>What the tasks of <c>unroll compare</c> have in common: which networks, how they are trained, where the files go.</summary>
internal abstract class CompareTaskVerb : Verb
{
    private readonly Option<string?> _only = new("--only") { Description = $"Compares these networks alone, separated by commas. All: {string.Join(", ", ComparedModel.Standard.Select(model => model.Name))}.", HelpName = "A,B" };
    private readonly Option<int?> _units = Whole("--units", "The units of the LSTM whose number of parameters the others come near to. Default 64.", 1, 65536);
    private readonly Option<string?> _rates = new("--learning-rates") { Description = "Adam's learning rates, separated by commas, of which validation chooses one for each network. Default 0.001,0.003.", HelpName = "X,Y" };
    private readonly Option<int?> _epochs = Whole("--epochs", "The most epochs. Default 30.", 1);
    private readonly Option<int?> _patience = Whole("--patience", "Epochs without a better validation loss after which a training ends. Default 4.", 1);
    private readonly Option<int?> _batch = Whole("--batch", "Examples a step. Default 32.", 1);
    private readonly Option<int?> _seed = Whole("--seed", "The first seed of initial weights, order and dropout. Default 0.", 0);
    private readonly Option<int?> _seeds = Whole("--seeds", "How many seeds each network is trained with; qualities are then mean ± standard deviation. Default 1.", 1, 1000);
    private readonly Option<string?> _out = new("--out") { Description = "The run folder. Default runs/compare-FILE, with a number behind it where that is taken. An earlier run in the folder named is replaced.", HelpName = "FOLDER" };
    private readonly Option<bool> _resume = new("--resume") { Description = "Leaves the networks as they are whose result is in the run folder." };

    protected CompareTaskVerb(string name, string description, Screen screen) : base(name, description)
    {
        _only.Validators.Add(result =>
        {
            foreach (string unknown in Listed(result.Tokens.Count == 1 ? result.Tokens[0].Value : null).Where(word => ComparedModel.Standard.All(model => model.Name != word)))
            {
                string? nearest = NearestName.Find(unknown, [.. ComparedModel.Standard.Select(model => model.Name)]);
                result.AddError($"--only has '{unknown}', which is no network.{(nearest is null ? "" : $" Did you mean '{nearest}'?")}");
            }
        });
        _rates.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && (Listed(result.Tokens[0].Value) is not { Length: > 0 } words || words.Any(word => !TryRate(word, out _))))
                result.AddError($"--learning-rates is '{result.Tokens[0].Value}'; expected numbers above 0 with commas between.");
        });
        SetAction((result, cancel) =>
        {
            ComparisonRun.Run(Job(result, cancel), screen, cancel);
            return Task.FromResult(ExitCodes.Done);
        });
    }

    /// <summary>Remarks that hold for every task.</summary>
    protected static string CommonRemark =>
        "Each network gets the size at which the whole of it has as many parameters as the LSTM's, and is trained in the same way: Adam, gradients clipped at norm 1, the epoch and the learning rate chosen on the "
        + "validation examples. Then the test is read, once. Memory is that of a training step and of one answer, the weights included; the time of an answer is the median over test examples, one at a time. "
        + "The run folder gets configuration.json, metrics.jsonl (a line a network) and report.html. Ctrl-C keeps the results there are; --resume goes on behind them.";

    /// <summary>Reads the data.</summary>
    /// <exception cref="InputException">It is not as expected.</exception>
    protected abstract ComparisonData Read(ParseResult result, CancellationToken cancel);

    /// <summary>The seed given.</summary>
    protected ulong Seed(ParseResult result) => (ulong)(result.GetValue(_seed) ?? 0);

    /// <summary>Adds the options that all tasks have, behind those of the task.</summary>
    protected void AddCommonOptions()
    {
        foreach (Option option in new Option[] { _only, _units, _rates, _epochs, _patience, _batch, _seed, _seeds, _out, _resume }) Add(option);
    }

    private ComparisonJob Job(ParseResult result, CancellationToken cancel)
    {
        ComparisonData examples = Read(result, cancel);
        string[] only = Listed(result.GetValue(_only));
        ComparedModel[] wanted = [.. ComparedModel.Standard.Where(model => only.Length == 0 || only.Contains(model.Name))];
        ComparedModel[] models = [.. wanted.Where(model => model.ObjectionTo(examples.Task) is null)];
        string[] leftOut = [.. wanted.Except(models).Select(model => $"{model.Name} ({model.ObjectionTo(examples.Task)})")];
        if (models.Length == 0) throw new InputException($"{examples.Path}: no network is left to compare: {string.Join(", ", leftOut)}. Name others with --only.");
        bool resume = result.GetValue(_resume);
        var defaults = new ComparisonOptions();
        return new ComparisonJob
        {
            Title = $"{Name} of {Path.GetFileName(examples.Path)}",
            Task = examples.Task,
            Options = defaults with
            {
                Units = result.GetValue(_units) ?? defaults.Units,
                LearningRates = result.GetValue(_rates) is string rates ? [.. Listed(rates).Select(word => TryRate(word, out float rate) ? rate : float.NaN)] : defaults.LearningRates,
                Epochs = result.GetValue(_epochs) ?? defaults.Epochs,
                Patience = result.GetValue(_patience) ?? defaults.Patience,
                BatchSize = result.GetValue(_batch) ?? defaults.BatchSize,
                Seed = Seed(result),
                Seeds = result.GetValue(_seeds) ?? defaults.Seeds,
            },
            Models = models,
            Data = examples.Configuration,
            Folder = result.GetValue(_out) is { Length: > 0 } given ? new RunFolder(given) : RunFolder.Default("compare-" + Path.GetFileNameWithoutExtension(examples.Path), resume),
            Notes = leftOut.Length == 0 ? examples.Notes : [.. examples.Notes, $"Left out: {string.Join(", ", leftOut)}."],
            Resume = resume,
        };
    }

    private static bool TryRate(string word, out float rate) => float.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out rate) && rate > 0 && float.IsFinite(rate);
}
