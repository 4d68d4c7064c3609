using System.Globalization;
using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Decoding;
using Unroll.Files;
using Unroll.Inference;
using Unroll.Layers;
using Unroll.Losses;
using Unroll.Metrics.Sequences;
using Unroll.Models;
using Unroll.Optimizers;
using Unroll.Reports;
using Unroll.Tensors;

namespace Unroll.Bench.Rewriting;

/// <summary>
/// An encoder–decoder that looks at what it read, and one that has its last state alone, on texts that are rewritten character by character:
/// docs/results.md, section Rewriting. Every batch is drawn anew; the texts judged are never trained on.
/// </summary>
internal static class RewritingResults
{
    private const int Units = 128, EmbeddingUnits = 32, BatchSize = 64, LookEvery = 250, MostSteps = 4000, Judged = 200;
    private const float LearningRate = 2e-3f, LargestNorm = 1f;

    private static readonly bool[] s_attends = [true, false];

    private static readonly RewritingTask[] s_tasks = [new Reversal(), new DateNormalisation()];

    public static void Run(BenchArguments arguments)
    {
        Console.WriteLine("| task | decoder | parameters | seed | steps | minutes | texts right | characters wrong |\n|---|---|---|---|---|---|---|---|");
        foreach (RewritingTask task in s_tasks.Where(task => arguments.Wants(task.Name)))
        {
            (bool Attends, int Seed)[] runs = [.. s_attends.SelectMany(attends => arguments.SeedNumbers.Select(seed => (attends, seed)))];
            Curve[] curves = SideBySide.Run(runs, run => Train(task, run.Attends, (ulong)run.Seed));
            foreach (Curve curve in curves) Console.WriteLine(curve);
            Draw(arguments, task, [.. curves.Where(curve => curve.Seed == (ulong)arguments.First)]);
        }
    }

    private static Curve Train(RewritingTask task, bool attends, ulong seed)
    {
        Model model = Made(attends, seed);
        var optimizer = new Adam(LearningRate);
        Loss loss = Loss.SparseCategoricalCrossEntropy();
        var tape = new Tape();
        (string Read, string Written)[] judged = Texts(task, Judged, new RandomStream(seed, task.Name + "/judged"));
        var points = new List<(int Step, double Right, double Wrong)>();
        TimeSpan start = ThreadTime.Now;
        for (int step = 1; step <= MostSteps; step++)
        {
            (string Read, string Written)[] texts = Texts(task, BatchSize, new RandomStream(seed, task.Name + "/train", step));
            int[][] written = [.. texts.Select(text => RewritingTask.Ids(text.Written))];
            Tensor[] inputs = [Read(texts), Tensor.FromTokens([.. written.Select(ids => (int[])[RewritingTask.Begin, .. ids])])];
            Tensor value = loss.Of(model.Forward(inputs, new Pass(tape, Training: true, seed, step))[0], Tensor.FromTokens([.. written.Select(ids => (int[])[.. ids, RewritingTask.End])]));
            tape.Backward(value);
            GradientClipping.ByGlobalNorm(model.Parameters, LargestNorm);
            optimizer.Step(model.Parameters);
            tape.Reset();
            if (step % LookEvery != 0) continue;
            (double right, double wrong) = Judge(model, judged);
            points.Add((step, right, wrong));
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{task.Name} {(attends ? "attention" : "last state")} seed {seed} step {step}: {right:0.0} % right, {wrong:0.0} % of characters wrong"));
            if (right == 100) break;
        }
        return new Curve(task, attends, seed, model.CountParameters(), points, ThreadTime.Now - start);
    }

    /// <summary>Both have the same layers. Without attention the decoder looks at one step, the encoder's last states.</summary>
    private static Model Made(bool attends, ulong seed)
    {
        LayerOutput read = Input.Of(new Shape(-1, -1), "read"), written = Input.Of(new Shape(-1, -1), "written");
        var embedding = new Embedding(RewritingTask.Vocabulary, EmbeddingUnits, initializer: new RandomNormal(0, 1));
        (LayerOutput memory, IReadOnlyList<LayerOutput> state) = new Bidirectional(new Gru(Units / 2, returnSequences: true)).WithState(embedding.Of(read));
        if (!attends) memory = new RepeatVector(1).Of(new Concatenate().Of([.. state]));
        var decoder = new AttentiveDecoder(embedding, [new Gru(Units, returnSequences: true)], new MultiplicativeAttention { Scaled = true }) { InputFeeding = false };
        return new Model([read, written], [decoder.Of([written, memory, .. state])], seed);
    }

    private static (double Right, double Wrong) Judge(Model model, (string Read, string Written)[] texts)
    {
        GeneratedSequence[] found = TokenGenerator.Run(new EncoderDecoderSession(model, Read(texts)), new GenerationOptions { BeginToken = RewritingTask.Begin, EndToken = RewritingTask.End, MaximumLength = 60 });
        string[] answers = [.. found.Select(answer => RewritingTask.Text(answer.Tokens.Where(id => id > RewritingTask.End)))], truth = [.. texts.Select(text => text.Written)];
        int right = answers.Zip(truth).Count(pair => pair.First == pair.Second);
        return (100.0 * right / texts.Length, 100 * ErrorRate.Characters(answers, truth).Rate);
    }

    private static Tensor Read((string Read, string Written)[] texts) => Tensor.FromTokens([.. texts.Select(text => RewritingTask.Ids(text.Read))]);

    private static (string Read, string Written)[] Texts(RewritingTask task, int count, RandomStream draws) =>
        [.. Enumerable.Range(0, count).Select(i => task.Draw(new RandomStream(draws.Bits64(i), "text")))];

    private static void Draw(BenchArguments arguments, RewritingTask task, Curve[] curves)
    {
        if (arguments.Pictures is not { } folder) return;
        var chart = new LineChart($"{task.Title}: texts right, in percent") { XLabel = "training steps" };
        foreach (Curve curve in curves)
            chart.AddLine(curve.Attends ? "with attention" : "last state alone", [.. curve.Points.Select(point => (double)point.Step)], [.. curve.Points.Select(point => point.Right)]);
        Directory.CreateDirectory(folder);
        AtomicFile.WriteText(Path.Combine(folder, task.Name + ".svg"), chart.ToSvg());
    }

    private sealed record Curve(RewritingTask Task, bool Attends, ulong Seed, long Parameters, List<(int Step, double Right, double Wrong)> Points, TimeSpan Time)
    {
        public override string ToString() => string.Create(CultureInfo.InvariantCulture,
            $"| {Task.Name} | {(Attends ? "attention" : "last state")} | {Parameters:#,0} | {Seed} | {Points[^1].Step:#,0} | {Time.TotalMinutes:0.0} | {Points[^1].Right:0.0} % | {Points[^1].Wrong:0.0} % |");
    }
}
