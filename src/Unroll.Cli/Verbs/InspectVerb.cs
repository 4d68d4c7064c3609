using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Unroll.Cli.Forecasting;
using Unroll.Cli.Runs;
using Unroll.Cli.Terminal;
using Unroll.Files;
using Unroll.Models;
using Unroll.Reports;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Cli.Verbs;

/// <summary><c>unroll inspect MODEL [DATA]</c>: what a model file holds, and how gradients run through its time steps on data.</summary>
internal sealed class InspectVerb : Verb
{
    private const int DefaultWindows = 32;

    private readonly Argument<string> _model = new("MODEL") { Description = "A model file, a checkpoint, any safetensors file, or a run folder." };
    private readonly Argument<string?> _data = new("DATA") { Description = "A CSV file with the columns that the model was trained with: how the loss's gradient runs back through time is measured on it.", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<string?> _report = new("--report") { Description = "Writes what is measured on DATA to this HTML file, with charts.", HelpName = "FILE" };
    private readonly Option<int?> _windows = Whole("--windows", $"On how many windows of DATA gradients are measured. Default {DefaultWindows}.", 1, 1 << 16);
    private readonly Option<int?> _batch = Whole("--batch", "Plans the memory for batches of so many sequences. Default 64.", 1, 1 << 20);
    private readonly Option<int?> _steps = Whole("--steps", "Plans the memory for sequences of so many steps. Default 100.", 1, 1 << 20);
    private readonly Screen _screen;

    public InspectVerb(Screen screen) : base("inspect", "Shows a model file's layers, parameters, tensors and metadata, and gradients through time.")
    {
        _screen = screen;
        Add(_model);
        Add(_data);
        Add(_report);
        Add(_windows);
        Add(_batch);
        Add(_steps);
        Remarks =
        [
            "A file that this program did not write is shown by its tensors and its metadata alone. The memory of training is that of a rehearsed step with Adam on sequences that all have every step; shorter ones need less.",
            "With DATA, each recurrent layer is run step by step, and warnings name gradients that vanish or explode and units that are saturated or dead, with what to change.",
        ];
        Examples =
        [
            ("unroll inspect runs/sales", "the model of a run folder"),
            ("unroll inspect runs/sales --batch 256 --steps 500", "how much memory training on such batches takes"),
            ("unroll inspect runs/sales sales.csv --report flow.html", "how far back the gradient reaches, with charts"),
            ("unroll inspect model.safetensors", "any safetensors file"),
        ];
        SetAction((result, cancel) =>
        {
            string model = result.GetRequiredValue(_model);
            if (result.GetValue(_data) is string data) Diagnose(model, data, result.GetValue(_report), result.GetValue(_windows) ?? DefaultWindows, cancel);
            else Run(RunFolder.ModelIn(model), result.GetValue(_batch) ?? 64, result.GetValue(_steps) ?? 100);
            return Task.FromResult(ExitCodes.Done);
        });
        Validators.Add(result =>
        {
            if (result.GetValue(_data) is null && (result.GetResult(_report) ?? result.GetResult(_windows)) is { } option)
                result.AddError($"{option.IdentifierToken?.Value} needs DATA, a CSV file with the columns that the model was trained with.");
        });
    }

    private void Run(string path, int batch, int steps)
    {
        TextWriter output = _screen.Output;
        using SafetensorsFile file = SafetensorsFile.Open(path);
        file.Metadata.TryGetValue("format", out string? format);
        if (format == "unroll-model")
        {
            Network model = Network.Load(path);
            output.WriteLine(Shown(model.Summary().TrimEnd()));
            output.WriteLine($"Memory to train, {MemoryPlan.ForTraining(model, batch, steps)}");
            output.WriteLine($"Memory to predict, {MemoryPlan.ForInference(model, batch, steps)}");
            if (model.Extras["forecaster"] is not null) WriteForecaster(path);
        }
        else output.WriteLine(format is null ? "Not a model of this program: tensors and metadata alone." : $"Format {format}: tensors and metadata alone.");

        output.WriteLine();
        var tensors = new TerminalTable("tensor", "shape", "type", "elements");
        foreach (TensorInfo tensor in file.Tensors)
            tensors.AddRow(tensor.Name, $"[{string.Join(", ", tensor.Shape)}]", tensor.DataType.ToString(), tensor.ElementCount.ToString("#,0", CultureInfo.InvariantCulture));
        tensors.WriteTo(_screen);
        long elements = file.Tensors.Sum(tensor => tensor.ElementCount), bytes = file.Tensors.Sum(tensor => tensor.ByteLength);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{file.Names.Count} tensors, {elements:#,0} elements, {bytes:#,0} bytes"));

        if (file.Metadata.Count > 0) output.WriteLine("\nMetadata:");
        foreach ((string key, string value) in file.Metadata) output.WriteLine($"  {Clean(key)}:{Value(value)}");
    }

    private void Diagnose(string modelPath, string dataPath, string? reportPath, int windows, CancellationToken cancel)
    {
        OutputFile.RequireFolder("--report", reportPath);
        TrainedForecaster model = TrainedForecaster.Open(modelPath);
        SeriesFile file = SeriesFile.ReadFor(dataPath, model.Columns, model.Path);
        GradientFlow flow;
        try
        {
            flow = model.Forecaster.MeasureGradientFlow(file.Series, windows, cancel);
        }
        catch (ArgumentException cause)
        {
            throw SeriesFile.Wrong(dataPath, cause);
        }
        _screen.Output.Write(flow.ToString());
        if (flow.Findings.Count == 0) _screen.Output.WriteLine("Nothing vanishes, explodes or is stuck.");
        if (reportPath is null) return;
        using var writer = new StringWriter(CultureInfo.InvariantCulture);
        new HtmlReport($"Gradients of {model.Columns.Target}").AddGradientFlow(flow).WriteTo(writer);
        AtomicFile.WriteText(reportPath, writer.ToString());
        _screen.Output.WriteLine($"{reportPath} written");
    }

    private void WriteForecaster(string path)
    {
        var forecaster = Forecaster.Load(path);
        string of = SeriesColumns.ReadFrom(forecaster.Model.Extras, path) is { } columns ? $" of '{columns.Target}'" : "";
        _screen.Output.WriteLine($"\nForecaster{of}: {Figures.Choices(forecaster)}.");
    }

    // JSON in the metadata is shown with line breaks, all else as it is; control characters never reach a terminal.
    private static string Value(string text)
    {
        try
        {
            if (text.StartsWith('{') && JsonNode.Parse(text) is JsonObject parsed)
                return Clean(JsonText.Of(parsed, indent: 2));
        }
        catch (JsonException)
        {
            // Text that only begins like JSON.
        }
        return " " + Clean(text);
    }

    private static string Clean(string text) => string.Concat(text.Select(c => char.IsControl(c) && c != '\n' ? '?' : c));

    private string Shown(string summary)
    {
        if (_screen.Unicode) return summary;
        // The same table in ASCII.
        return string.Concat(summary.Select(c => c switch
        {
            '━' or '─' => '-',
            '┃' or '│' => '|',
            >= '\u2500' and <= '\u257f' => '+',
            _ => c,
        }));
    }
}
