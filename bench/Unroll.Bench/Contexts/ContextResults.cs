using System.Diagnostics;
using System.Globalization;
using Unroll.Basics;
using Unroll.Files;
using Unroll.Inference;
using Unroll.Layers;
using Unroll.Models;
using Unroll.Reports;
using Unroll.Tensors;

namespace Unroll.Bench.Contexts;

/// <summary>
/// What a token costs after a context: a recurrent network, which keeps a state; a decoder with attention over what it read; a Transformer, which
/// keeps keys and values. docs/results.md, section Cost against length.
/// </summary>
internal static class ContextResults
{
    private const int Width = 256, Vocabulary = 1000, Heads = 4, Layers = 2, Measured = 30;

    private static readonly int[] s_contexts = [100, 300, 1000, 3000, 10_000, 20_000];

    public static void Run(BenchArguments arguments)
    {
        (string Name, Func<IEnumerable<Point>> Measure)[] models = [("recurrent", Recurrent), ("attention", Attention), ("Transformer", Transformer)];
        var chart = new LineChart("Milliseconds a token after a context") { XLabel = "tokens before", LogarithmicX = true, LogarithmicY = true };
        Console.WriteLine("| model | parameters | tokens before | ms a token | KB a sequence holds |\n|---|---|---|---|---|");
        foreach ((string name, Func<IEnumerable<Point>> measure) in models.Where(model => arguments.Wants(model.Name)))
        {
            Point[] points = [.. measure()];
            foreach (Point point in points)
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {name} | {point.Parameters:#,0} | {point.Context:#,0} | {point.Milliseconds:0.000} | {point.Bytes / 1024.0:#,0} |"));
            chart.AddLine(name, [.. points.Select(point => (double)point.Context)], [.. points.Select(point => point.Milliseconds)]);
        }
        if (arguments.Pictures is not { } folder) return;
        Directory.CreateDirectory(folder);
        AtomicFile.WriteText(Path.Combine(folder, "contexts.svg"), chart.ToSvg());
    }

    /// <summary>Two GRU layers behind one another, as a stream: the state is all that is kept.</summary>
    private static IEnumerable<Point> Recurrent()
    {
        var model = new Sequential(new Shape(-1, -1)) { new Embedding(Vocabulary, Width), new Gru(Width, returnSequences: true), new Gru(Width, returnSequences: true), new Dense(Vocabulary) };
        using var stream = model.OpenStream();
        int token = 0;
        foreach (int context in s_contexts)
        {
            while (token < context) stream.Step(token++ % Vocabulary);
            double milliseconds = Median(() => stream.Step(token++ % Vocabulary));
            yield return new Point(context, milliseconds, 2 * Width * sizeof(float), model.CountParameters());
        }
    }

    /// <summary>A decoder of one GRU that looks at as many steps as the context has: their values and their keys are kept.</summary>
    private static IEnumerable<Point> Attention()
    {
        LayerOutput tokens = Input.Of(new Shape(-1, -1)), memory = Input.Of(new Shape(-1, -1, Width));
        var decoder = new AttentiveDecoder(new Embedding(Vocabulary, Width), [new Gru(Width, returnSequences: true)], new MultiplicativeAttention { Scaled = true });
        var model = new Model([tokens, memory], [decoder.Of(tokens, memory)]);
        var logits = new float[Vocabulary];
        foreach (int context in s_contexts)
        {
            var draws = new RandomStream(1, "memory");
            var session = new EncoderDecoderSession(model, Tensor.FromArray([.. Enumerable.Range(0, context * Width).Select(i => draws.Uniform(i) - 0.5f)], 1, context, Width));
            int token = 0;
            double milliseconds = Median(() => session.Step([token++ % Vocabulary], logits));
            yield return new Point(context, milliseconds, 2L * context * Width * sizeof(float), model.CountParameters());
        }
    }

    /// <summary>Two layers of causal attention over the keys and values kept of every token.</summary>
    private static IEnumerable<Point> Transformer()
    {
        var model = new Sequential(new Shape(-1, -1)) { new Embedding(Vocabulary, Width), new PositionalEncoding(), new TransformerEncoder(Layers, Heads, 4 * Width) { Causal = true }, new Dense(Vocabulary) };
        var steps = new CausalTokenModel(model);
        var logits = new float[Vocabulary];
        int token = 0;
        foreach (int context in s_contexts)
        {
            while (token < context) steps.Step([token++ % Vocabulary], logits);
            double milliseconds = Median(() => steps.Step([token++ % Vocabulary], logits));
            yield return new Point(context, milliseconds, 2L * Layers * context * Width * sizeof(float), model.CountParameters());
        }
    }

    private static double Median(Action step)
    {
        var times = new double[Measured];
        for (int i = 0; i < 3; i++) step();
        for (int i = 0; i < times.Length; i++)
        {
            long start = Stopwatch.GetTimestamp();
            step();
            times[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }
        Array.Sort(times);
        return times[times.Length / 2];
    }

    private sealed record Point(int Context, double Milliseconds, long Bytes, long Parameters);
}
