using System.Diagnostics;
using System.Globalization;
using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Layers;
using Unroll.Losses;
using Unroll.Models;
using Unroll.Optimizers;
using Unroll.Tensors;
using Unroll.Training;

namespace Unroll.Bench.LongRange;

/// <summary>
/// SimpleRnn, GRU and LSTM on tasks whose answer lies far back: docs/results.md, section Long memory. Every batch is drawn anew; a drawn
/// set that stays the same ends the training when it is solved, and another, read once, is the test.
/// </summary>
internal static class LongRangeResults
{
    private const int Units = 128, BatchSize = 64, LookEvery = 250, MostSteps = 20_000, Judged = 1000;
    private const float LearningRate = 1e-3f, LargestNorm = 1f;

    private static readonly LongRangeTask[] s_tasks = [new AddingProblem(100), new AddingProblem(400), new CopyMemory(100), new TemporalOrder()];

    public static void Run(BenchArguments arguments)
    {
        Console.WriteLine("| task | layer | seed | steps | minutes | validation | test | baseline | gradient reaches back |\n|---|---|---|---|---|---|---|---|---|");
        foreach (LongRangeTask task in s_tasks.Where(task => arguments.Wants(task.Name)))
            foreach (string cell in (string[])["SimpleRnn", "Gru", "Lstm"])
                foreach (int seed in arguments.SeedNumbers) Console.WriteLine(Row(task, cell, (ulong)seed));
    }

    private static string Row(LongRangeTask task, string cell, ulong seed)
    {
        Sequential model = Model(task, cell, seed);
        var optimizer = new Adam(LearningRate);
        Loss loss = task.Loss;
        model.Compile(optimizer, loss);
        var tape = new Tape();
        (Tensor Inputs, Tensor Targets) validation = task.Draw(Judged, new RandomStream(seed, task.Name + "/validation"));
        double score = double.NaN;
        int step = 0;
        long start = Stopwatch.GetTimestamp();
        while (step < MostSteps)
        {
            (Tensor x, Tensor y) = task.Draw(BatchSize, new RandomStream(seed, task.Name + "/train", step));
            Tensor value = loss.Of(model.ForwardBeforeActivation(x, new Pass(tape, Training: true, seed, step)), y);
            tape.Backward(value);
            GradientClipping.ByGlobalNorm(model.Parameters, LargestNorm);
            optimizer.Step(model.Parameters);
            tape.Reset();
            if (++step % LookEvery != 0) continue;
            score = model.Evaluate(validation).Loss;
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{task.Name} {cell} seed {seed} step {step}: {score:0.00000}"));
            if (score < task.Solved) break;
        }
        TimeSpan time = Stopwatch.GetElapsedTime(start);
        double test = model.Evaluate(task.Draw(Judged, new RandomStream(seed, task.Name + "/test"))).Loss;
        (Tensor few, Tensor answers) = task.Draw(32, new RandomStream(seed, task.Name + "/flow"));
        LayerGradientFlow flow = GradientFlow.Measure(model, few, answers).Layers[0];
        return string.Create(CultureInfo.InvariantCulture,
            $"| {task.Name} | {cell} | {seed} | {step:#,0} | {time.TotalMinutes:0.0} | {score:0.00000} | {test:0.00000} | {task.Baseline:0.000} | {flow.Reach} of {flow.HiddenByLag.Count - 1} steps |");
    }

    private static Sequential Model(LongRangeTask task, string cell, ulong seed)
    {
        bool every = task.EveryStep;
        return new Sequential(new Shape(-1, -1, task.Inputs), seed)
        {
            cell switch
            {
                "SimpleRnn" => new SimpleRnn(Units, returnSequences: every),
                "Gru" => new Gru(Units, every),
                _ => new Lstm(Units, every),
            },
            new Dense(task.Outputs),
        };
    }
}
