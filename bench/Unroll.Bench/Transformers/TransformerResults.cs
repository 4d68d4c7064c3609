using System.Globalization;
using System.Text;
using System.Text.Json;
using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Bench.Comparison;
using Unroll.Cli.Bench;
using Unroll.Files;
using Unroll.Kernels.Simd;
using Unroll.Layers;
using Unroll.Tensors;
using static Unroll.Bench.Comparison.BenchFigures;

namespace Unroll.Bench.Transformers;

/// <summary>Transformer encoders beside PyTorch's, in turn and round after round: bench/results/PROCESSOR-transformer.md.</summary>
internal static class TransformerResults
{
    private const int Rounds = 3;
    private const double Seconds = 0.5;

    /// <summary>A time of a forward pass and of a training step, in milliseconds.</summary>
    private readonly record struct Times(double Forward, double Train);

    public static void Run(BenchArguments arguments)
    {
        var processor = Processor.Detect();
        string scratch = Directory.CreateTempSubdirectory("unroll-transformer-").FullName;
        try
        {
            string shapes = Path.Combine(scratch, "shapes.json");
            File.WriteAllText(shapes, TransformerShape.Json());
            double peak = PeakMeter.Measure(2, CancellationToken.None);
            var ours = TransformerShape.All.ToDictionary(shape => shape.Name, _ => new List<Times>());
            var theirs = TransformerShape.All.ToDictionary(shape => shape.Name, _ => new List<Times>());
            string version = "";
            for (int round = 0; round < Rounds; round++)
            {
                foreach (TransformerShape shape in TransformerShape.All) ours[shape.Name].Add(Measure(shape));
                Dictionary<string, Times>[] waits = [.. Libraries.TorchWaits(2).Select(wait => Torch(shapes, scratch, wait, out version))];
                foreach (TransformerShape shape in TransformerShape.All)
                    theirs[shape.Name].Add(new Times(waits.Min(wait => wait[shape.Name].Forward), waits.Min(wait => wait[shape.Name].Train)));
                peak = Math.Max(peak, PeakMeter.Measure(2, CancellationToken.None));
                Console.Error.WriteLine($"round {round + 1} of {Rounds}");
            }
            string path = Path.Combine(CompareCommand.BenchFolder(), "results", processor.FileName + "-transformer.md");
            AtomicFile.WriteText(path, Page(processor, peak, version, ours, theirs));
            Console.Error.WriteLine($"written: {Path.GetRelativePath(Environment.CurrentDirectory, path)}");
        }
        finally
        {
            Directory.Delete(scratch, recursive: true);
        }
    }

    private static string Page(Processor processor, double peak, string version, Dictionary<string, List<Times>> ours, Dictionary<string, List<Times>> theirs)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"# Transformer encoders on {processor.Title}, two threads, vectors of {SimdWidth.Current} bits\n\n");
        text.Append(CultureInfo.InvariantCulture, $"{DateTime.UtcNow:yyyy-MM-dd}, .NET {Environment.Version}, PyTorch {version}; measured peak of two cores {peak * 1e-9:0.0} GFLOP/s:\n");
        text.Append("`dotnet run -c Release --project bench/Unroll.Bench -- transformer` ([how that is measured](../README.md)).\n\n");
        text.Append(CultureInfo.InvariantCulture, $"Forward / train; medians of {Rounds} rounds. The ratio is PyTorch's time over Unroll's in the same round.\n\n");
        text.Append("| shape | layers, width, heads, feed-forward | batch, steps | ms | % of peak | PyTorch, ms | ratio |\n|---|---|---|---|---|---|---|\n");
        foreach (TransformerShape shape in TransformerShape.All)
        {
            List<Times> own = ours[shape.Name], peer = theirs[shape.Name];
            double forward = Middle(own.Select(time => time.Forward)), train = Middle(own.Select(time => time.Train));
            text.Append(CultureInfo.InvariantCulture, $"| {shape.Name} | {shape.Layers}, {shape.Width}, {shape.Heads}, {shape.FeedForward} | {shape.Batch}, {shape.Steps} | {Time(forward)} / {Time(train)} ");
            text.Append(CultureInfo.InvariantCulture, $"| {Percent(shape.ForwardFlops, forward)} / {Percent(3 * shape.ForwardFlops, train)} ");
            text.Append(CultureInfo.InvariantCulture, $"| {Time(Middle(peer.Select(time => time.Forward)))} / {Time(Middle(peer.Select(time => time.Train)))} ");
            text.Append(CultureInfo.InvariantCulture, $"| {Ratio(Middle(peer.Zip(own, (a, b) => a.Forward / b.Forward)))} / {Ratio(Middle(peer.Zip(own, (a, b) => a.Train / b.Train)))} |\n");
        }
        return text.ToString();

        string Percent(double flops, double milliseconds) => (100 * flops / (milliseconds * 1e-3) / peak).ToString("0", CultureInfo.InvariantCulture);
    }

    /// <summary>As the peers: forward without a record; train is forward, then all gradients from ones on every output.</summary>
    private static Times Measure(TransformerShape shape)
    {
        Threads.Count = 2;
        var layer = new TransformerEncoder(shape.Layers, shape.Heads, shape.FeedForward, "encoder") { Activation = "gelu", Causal = shape.Causal };
        layer.Build(new Shape(Shape.Unknown, Shape.Unknown, shape.Width), seed: 1);
        var values = new float[shape.Batch * shape.Steps * shape.Width];
        var draws = new RandomStream(1, "bench/input");
        for (int i = 0; i < values.Length; i++) values[i] = draws.Below(20001, i) * 1e-4f - 1f;
        Tensor input = Tensor.FromArray(values, shape.Batch, shape.Steps, shape.Width);
        float[] ones = new float[values.Length];
        ones.AsSpan().Fill(1f);
        var inference = new Tape(recording: false);
        var training = new Tape();
        void Forward()
        {
            layer.Forward(input, new Pass(inference)).CopyTo(values);
            inference.Reset();
        }
        void Train()
        {
            foreach (Parameter parameter in layer.Parameters) parameter.ClearGradient();
            training.Watch(input);
            training.Backward(layer.Forward(input, new Pass(training, Training: true)), ones);
            training.Reset();
        }
        return new Times(BenchTimer.Measure(Forward, Seconds, CancellationToken.None).Milliseconds, BenchTimer.Measure(Train, Seconds, CancellationToken.None).Milliseconds);
    }

    private static Dictionary<string, Times> Torch(string shapes, string scratch, string wait, out string version)
    {
        string script = Path.Combine(CompareCommand.BenchFolder(), "peers", "torch_transformer.py"), result = Path.Combine(scratch, "torch.json");
        ChildProcess.Run(
            [Libraries.Python, script, shapes, "--threads", "2", "--seconds", Seconds.ToString(CultureInfo.InvariantCulture), "--wait", wait, "--json", result],
            new Dictionary<string, string?>(), CancellationToken.None);
        using var document = JsonDocument.Parse(File.ReadAllText(result));
        version = document.RootElement.GetProperty("version").GetString()!;
        return document.RootElement.GetProperty("results").EnumerateArray().ToDictionary(
            one => one.GetProperty("name").GetString()!, one => new Times(one.GetProperty("forward_ms").GetDouble(), one.GetProperty("train_ms").GetDouble()));
    }

    private static double Middle(IEnumerable<double> values) => Median(values)!.Value;
}
