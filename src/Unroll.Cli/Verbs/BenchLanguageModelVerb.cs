using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Unroll.Basics;
using Unroll.Cli.Bench;
using Unroll.Cli.Bench.LanguageModel;
using Unroll.Cli.Terminal;
using Unroll.Files;
using Unroll.Kernels.Simd;

namespace Unroll.Cli.Verbs;

/// <summary><c>unroll bench language-model TEXT</c>: characters a second over whole training steps of a character language model.</summary>
internal sealed class BenchLanguageModelVerb : Verb
{
    /// <summary>Steps before the clock starts, as in the script for PyTorch.</summary>
    private const int WarmUp = 10;

    private readonly Argument<string> _text = new("TEXT") { Description = "A text file in UTF-8." };
    private readonly Option<int?> _units = Whole("--units", "The width of the embedding and of each LSTM layer. Default 128.", 1, 65536);
    private readonly Option<int?> _layers = Whole("--layers", "How many LSTM layers lie on one another. Default 2.", 1, 100);
    private readonly Option<int?> _batch = Whole("--batch", "How many rows of the text are read side by side. Default 50.", 1, 100_000);
    private readonly Option<int?> _steps = Whole("--steps", "How many characters of each row a training step reads. Default 50.", 1, CharacterText.MostCharactersOfRow);
    private readonly Option<int?> _iterations = Whole("--iterations", $"How many training steps are timed, after {WarmUp} that are not. Default 200.", 1, 10_000_000);
    private readonly Option<int?> _threads = Whole("--threads", "On how many threads the layers compute. Default 1.", 1, Threads.Limit);
    private readonly Option<int?> _seed = Whole("--seed", "The seed of the initial weights. Default 1.", 0);
    private readonly Option<string?> _weights = new("--weights") { Description = "Starts from these weights, a safetensors file with PyTorch's names (bench/peers/torch_language_model.py --weights).", HelpName = "FILE" };
    private readonly Option<string?> _losses = new("--losses") { Description = "Writes every training step's loss to this file, a line each, those before the clock starts too.", HelpName = "FILE" };
    private readonly Option<string?> _json = new("--json") { Description = "Writes the results to this file as JSON.", HelpName = "FILE" };
    private readonly Screen _screen;

    public BenchLanguageModelVerb(Screen screen) : base("language-model", "Times whole training steps of a character language model.")
    {
        _screen = screen;
        Add(_text);
        foreach (Option option in new Option[] { _units, _layers, _batch, _steps, _iterations, _threads, _seed, _weights, _losses, _json }) Add(option);
        Remarks =
        [
            $"A training step: embedding, LSTM layers with two biases a gate, dense layer, softmax cross-entropy over every character, gradients, clipping of their global norm at 5, Adam at 0.002. The state is carried from step to step. The text's first {CharacterText.MostCharactersOfRow:#,0} characters for each row of the batch are used.",
        ];
        Examples =
        [
            ("unroll bench language-model book.txt --threads 2", "two layers of 128 units, 50 rows of 50 characters"),
            ("unroll bench language-model book.txt --units 512 --iterations 30", "wider layers, fewer steps"),
        ];
        SetAction((result, cancel) => Task.FromResult(Run(result, cancel)));
    }

    private int Run(ParseResult result, CancellationToken cancel)
    {
        int units = result.GetValue(_units) ?? 128, layers = result.GetValue(_layers) ?? 2, batch = result.GetValue(_batch) ?? 50, steps = result.GetValue(_steps) ?? 50;
        int iterations = result.GetValue(_iterations) ?? 200, threads = result.GetValue(_threads) ?? 1;
        string? losses = result.GetValue(_losses), json = result.GetValue(_json);
        OutputFile.RequireFolder("--losses", losses);
        OutputFile.RequireFolder("--json", json);
        Threads.Count = threads;
        var text = CharacterText.Read(result.GetRequiredValue(_text), batch, steps);
        var model = new CharacterModel(text, units, layers, steps, (ulong)(result.GetValue(_seed) ?? 1));
        if (result.GetValue(_weights) is string weights) TorchWeights.Read(model, weights);

        var values = new float[WarmUp + iterations];
        (double seconds, long bytes) = ProgressDisplay.Run(_screen, "training", values.Length, "steps", progress => Train(model, values, progress, cancel));
        double speed = iterations * (double)batch * steps / seconds;
        _screen.Output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{speed:#,0} characters/s, loss {values[^1]:0.0000}, {threads} thread{(threads == 1 ? "" : "s")}, vectors of {SimdWidth.Current} bits, {bytes} bytes/step"));
        if (losses is not null) AtomicFile.WriteText(losses, string.Concat(values.Select(value => value.ToString("R", CultureInfo.InvariantCulture) + "\n")));
        if (json is not null)
        {
            var fields = new JsonObject
            {
                ["units"] = units,
                ["layers"] = layers,
                ["batch"] = batch,
                ["steps"] = steps,
                ["iterations"] = iterations,
                ["threads"] = threads,
                ["vector_bits"] = SimdWidth.Current,
                ["characters_per_second"] = speed,
                ["loss"] = values[^1],
                ["allocated_bytes_per_step"] = bytes,
            };
            AtomicFile.WriteText(json, fields.ToJsonString(new JsonSerializerOptions { WriteIndented = true }) + "\n");
        }
        return ExitCodes.Done;
    }

    // The time of the steps after the warm-up, and the managed bytes that a step allocates then, rounded up.
    private static (double Seconds, long Bytes) Train(CharacterModel model, float[] losses, IProgress<ProgressStep> progress, CancellationToken cancel)
    {
        long ticks = 0, bytes = 0;
        for (int i = 0; i < losses.Length; i++)
        {
            cancel.ThrowIfCancellationRequested();
            long before = Stopwatch.GetTimestamp(), held = GC.GetAllocatedBytesForCurrentThread();
            losses[i] = model.Step();
            if (i >= WarmUp) (ticks, bytes) = (ticks + Stopwatch.GetTimestamp() - before, bytes + GC.GetAllocatedBytesForCurrentThread() - held);
            progress.Report(new ProgressStep(i + 1));
        }
        int timed = losses.Length - WarmUp;
        return ((double)ticks / Stopwatch.Frequency, (bytes + timed - 1) / timed);
    }
}
