using Unroll.Tasks;

namespace Unroll.Tests.Tasks.Comparison;

public sealed class ModelComparisonTests
{
    private static readonly ComparisonOptions s_options = new() { Units = 8, Epochs = 20, Patience = 20, LearningRates = [0.03f] };

    private static ComparedModel[] Named(params string[] names) => [.. names.Select(name => ComparedModel.Standard.Single(model => model.Name == name))];

    [Fact]
    public void Every_network_learns_and_its_figures_are_those_of_its_own_training()
    {
        ComparisonTask task = ComparisonTasks.Majority();
        ComparisonResult[] results = [.. ModelComparison.Run(task, s_options)];
        Assert.Equal(ComparedModel.Standard.Where(model => model.ObjectionTo(task) is null).Select(model => model.Name), results.Select(result => result.Model));
        foreach (ComparisonResult result in results)
        {
            Assert.True(result.Quality > 85, $"{result.Model}: {result.Quality} % right"); // half of the examples of either class
            Assert.True(result.ValidationLoss < 0.5, $"{result.Model}: {result.ValidationLoss}"); // ln 2 = 0.69 before training
            Assert.InRange(result.BestEpoch, 1, 20);
            Assert.True(result.TrainingBytes > result.InferenceBytes && result.InferenceBytes > 4 * result.Parameters, result.ToString());
            Assert.True(result.TrainingSeconds > 0 && result.LatencyMilliseconds > 0, result.ToString());
        }
        // What differs from the plain LSTM in training alone has its parameters, and another result.
        ComparisonResult lstm = results.Single(result => result.Model == "lstm");
        foreach (ComparisonResult result in results.Where(result => result.Model.StartsWith("lstm+", StringComparison.Ordinal) && result.Model != "lstm+attention"))
        {
            Assert.Equal(lstm.Parameters, result.Parameters);
            Assert.NotEqual(lstm.ValidationLoss, result.ValidationLoss);
        }
    }

    [Fact]
    public void Equal_seeds_give_equal_results_and_others_do_not()
    {
        ComparisonResult Run(ulong seed, int seeds) => ModelComparison.Run(ComparisonTasks.Majority(), s_options with { Epochs = 3, Seed = seed, Seeds = seeds }, Named("gru")).Single();
        ComparisonResult three = Run(4, 3);
        Assert.Equal(three.ValidationLosses, Run(4, 3).ValidationLosses);
        Assert.Equal(three.ValidationLosses, new[] { Run(4, 1), Run(5, 1), Run(6, 1) }.Select(result => result.ValidationLoss));
        Assert.Equal(3, three.ValidationLosses.Distinct().Count());
        Assert.Equal(three.ValidationLosses.Sum() / 3, three.ValidationLoss, 12);
    }

    [Fact]
    public void Validation_chooses_the_learning_rate()
    {
        ComparisonResult Run(params float[] rates) => ModelComparison.Run(ComparisonTasks.Majority(), s_options with { Epochs = 4, LearningRates = rates }, Named("lstm")).Single();
        ComparisonResult slow = Run(1e-6f), fast = Run(0.03f), chosen = Run(1e-6f, 0.03f);
        Assert.True(fast.ValidationLoss < slow.ValidationLoss);
        Assert.Equal((0.03f, fast.ValidationLoss, fast.Quality), (chosen.LearningRate, chosen.ValidationLoss, chosen.Quality));
    }

    [Fact]
    public void A_network_that_diverges_has_no_quality_and_the_others_go_on()
    {
        var broken = new ComparedModel("broken", (units, task) => [.. Named("lstm")[0].Layers(units, task), new Unroll.Layers.Dense(2), new Unroll.Layers.Dense(2), new Unroll.Layers.Dense(2)]);
        ComparisonResult[] results = [.. ModelComparison.Run(ComparisonTasks.Majority(), s_options with { Epochs = 3, LearningRates = [1e20f], Seeds = 2 }, [broken, .. Named("gru")])];
        Assert.True(double.IsNaN(results[0].Quality) && float.IsNaN(results[0].LearningRate));
        Assert.True(double.IsFinite(results[1].Quality));
    }

    [Fact]
    public void The_deviation_is_that_of_the_seeds()
    {
        var result = new ComparisonResult("a", 1, 0.1f, [0.5, 0.7, 0.9], [80, 82, 87], 1, 1, 1, 1, 1);
        Assert.Equal(83, result.Quality, 12);
        Assert.Equal(Math.Sqrt((9 + 1 + 16) / 2.0), result.Deviation, 12);
        Assert.True(double.IsNaN((result with { Qualities = [80] }).Deviation));
    }

    [Fact]
    public void Progress_rises_to_the_number_of_networks_and_cancelling_ends_it()
    {
        var seen = new List<ComparisonProgress>();
        _ = ModelComparison.Run(ComparisonTasks.Majority(), s_options with { Epochs = 40, Patience = 1, Seeds = 2, LearningRates = [0.01f, 0.03f] }, Named("lstm", "gru"), new Reports(seen)).ToArray();
        Assert.Equal(seen.Select(one => one.Completed).Order(), seen.Select(one => one.Completed));
        Assert.Equal(("gru", 2.0, 2), (seen[^1].Model, Math.Round(seen[^1].Completed, 9), seen[^1].Total));
        using var source = new CancellationTokenSource();
        IEnumerator<ComparisonResult> results = ModelComparison.Run(ComparisonTasks.Majority(), s_options with { Epochs = 2 }, Named("lstm", "gru"), cancellation: source.Token).GetEnumerator();
        Assert.True(results.MoveNext());
        source.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => results.MoveNext());
    }

    [Fact]
    public void What_a_task_cannot_have_is_refused_with_the_reason()
    {
        ComparisonTask task = ComparisonTasks.Majority();
        void Refused(string expected, ComparisonTask on, ComparisonOptions options, params string[] names) =>
            Assert.Equal(expected, Assert.Throws<ArgumentException>(() => ModelComparison.Run(on, options, Named(names))).Message);
        Refused("ModelComparison: the task cannot have 'lstm+temporal_activity': it needs an answer at every step. (Parameter 'models')", task, s_options, "lstm+temporal_activity");
        Refused("ModelComparison: the task cannot have 'bidirectional_lstm': it would read what is to be guessed. (Parameter 'models')", task with { Causal = true }, s_options, "bidirectional_lstm");
        Refused("ModelComparison: the task cannot have 'lstm+word_dropout': it needs tokens. (Parameter 'models')", task with { ReadsTokens = false }, s_options, "lstm+word_dropout");
        Refused("ComparisonOptions.Units: expected at least 1, received 0.", task, s_options with { Units = 0 });
        Refused("ComparisonOptions.LearningRates: expected at least one, received 0.", task, s_options with { LearningRates = [] });
        Refused("ComparisonOptions.LearningRates: expected finite numbers above 0, received -1.", task, s_options with { LearningRates = [0.1f, -1] });
    }

    private sealed class Reports(List<ComparisonProgress> seen) : IProgress<ComparisonProgress>
    {
        public void Report(ComparisonProgress value) => seen.Add(value);
    }
}
