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
    private const int Units = 64, BatchSize = 64, LookEvery = 250, MostSteps = 10_000, Judged = 1000, Followed = 32;
    private const float LearningRate = 1e-3f, LargestNorm = 1f;

    private static readonly LongRangeTask[] s_tasks = [new AddingProblem(100), new AddingProblem(400), new CopyMemory(100), new TemporalOrder()];

    private static readonly SequenceCell[] s_cells = [SequenceCell.Lstm, SequenceCell.ChronoLstm, SequenceCell.Gru, SequenceCell.SimpleRnn];

    public static void Run(BenchArguments arguments)
    {
        Console.WriteLine("| task | layer | seed | steps | minutes | validation | test | baseline | gradient reaches back |\n|---|---|---|---|---|---|---|---|---|");
        foreach (LongRangeTask task in s_tasks.Where(task => arguments.Wants(task.Name)))
            CellRuns.Run(arguments, s_cells, task.Name, task.Name, (cell, seed) => Train(task, cell, seed));
    }

    private static Trained Train(LongRangeTask task, SequenceCell cell, int number)
    {
        ulong seed = (ulong)number;
        var model = new Sequential(new Shape(-1, -1, task.Inputs), seed)
        {
            cell.Make(Units, task.EveryStep, task.Lag),
            new Dense(task.Outputs),
        };
        var optimizer = new Adam(LearningRate);
        Loss loss = task.Loss;
        model.Compile(optimizer, loss);
        var tape = new Tape();
        (Tensor Inputs, Tensor Targets) validation = task.Draw(Judged, new RandomStream(seed, task.Name + "/validation"));
        double score = double.NaN;
        int step = 0;
        TimeSpan start = ThreadTime.Now;
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
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{task.Name} {cell.Name} seed {seed} step {step}: {score:0.00000}"));
            if (score < task.Solved) break;
        }
        TimeSpan time = ThreadTime.Now - start;
        double test = model.Evaluate(task.Draw(Judged, new RandomStream(seed, task.Name + "/test"))).Loss;
        (Tensor few, Tensor answers) = task.Draw(Followed, new RandomStream(seed, task.Name + "/flow"));
        return new Trained(task, cell, number, step, time, score, test, GradientFlow.Measure(model, few, answers).Layers[0]);
    }

    private sealed record Trained(LongRangeTask Task, SequenceCell Cell, int Seed, int Steps, TimeSpan Time, double Validation, double Test, LayerGradientFlow Flow) : CellResult(Cell, Seed, Flow)
    {
        public override string ToString() => string.Create(CultureInfo.InvariantCulture,
            $"| {Task.Name} | {Cell.Name} | {Seed} | {Steps:#,0} | {Time.TotalMinutes:0.0} | {Validation:0.00000} | {Test:0.00000} | {Task.Baseline:0.000} | {GradientPicture.Reach(Flow)} |");
    }
}
