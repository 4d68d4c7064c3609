using Unroll.Basics;
using Unroll.Layers;
using Unroll.Models;

namespace Unroll.Tasks;

/// <summary>
/// The network: y = recurrent(x) + linear(x) as one <see cref="ParallelSum"/>. The linear branch is a ridge regression and
/// stays frozen; the recurrent branch's last layer begins at zero, so training begins at the regression's forecast.
/// </summary>
internal static class ForecastNetwork
{
    public static Sequential Make(ForecastPlan plan, ForecastOptions options, float[] kernel, float[] bias)
    {
        var recurrent = new List<Layer>();
        for (int i = 0; i < options.Layers; i++) recurrent.Add(Recurrent(options, i < options.Layers - 1));
        var correction = new Dense(plan.Horizon, kernelInitializer: new Zeros());
        recurrent.Add(correction);
        var linear = new Dense(plan.Horizon) { Trainable = false };
        var model = new Sequential(new Shape(Shape.Unknown, plan.Steps, plan.Features), options.Seed, "forecaster")
        {
            new ParallelSum(new Stack(recurrent, "recurrent"), new Stack([new Flatten(), linear], "linear")),
        };
        linear.Parameters[0].Set(kernel);
        linear.Parameters[1].Set(bias);
        return model;
    }

    /// <summary>The linear branch of a model made here; null where the model is another.</summary>
    public static Layer? LinearBranch(Sequential model) =>
        model.Layers is [ParallelSum { Layers: [_, Stack linear] }] ? linear : null;

    private static RecurrentLayer Recurrent(ForecastOptions options, bool sequences) => options.Cell switch
    {
        ForecastCell.Gru => new Gru(options.Units, returnSequences: sequences) { Dropout = options.Dropout },
        ForecastCell.SimpleRnn => new SimpleRnn(options.Units, returnSequences: sequences) { Dropout = options.Dropout },
        _ => new Lstm(options.Units, sequences) { Dropout = options.Dropout },
    };
}
