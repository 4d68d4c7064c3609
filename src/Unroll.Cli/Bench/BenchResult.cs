using System.Text.Json.Nodes;

namespace Unroll.Cli.Bench;

/// <summary>One shape's figures.</summary>
/// <param name="Shape">What was timed.</param>
/// <param name="ForwardMilliseconds">Median of a forward pass.</param>
/// <param name="TrainMilliseconds">Median of a forward and backward pass; null for a shape of one step.</param>
/// <param name="AllocatedBytes">Managed bytes a step allocates, of the two kinds of step the larger.</param>
/// <param name="ReadMilliseconds">Median of reading as many bytes as a stream's weights have (<see cref="WeightReading"/>); null for other shapes.</param>
internal sealed record BenchResult(BenchShape Shape, double ForwardMilliseconds, double? TrainMilliseconds, long AllocatedBytes, double? ReadMilliseconds = null)
{
    /// <summary>Useful arithmetic of a forward pass over the peak, in percent.</summary>
    public double ForwardPercent(double peak) => Shape.ForwardFlops() / (ForwardMilliseconds * 1e-3) / peak * 100;

    /// <summary>Useful arithmetic of a training step over the peak, in percent; null without one.</summary>
    public double? TrainPercent(double peak) => 3 * Shape.ForwardFlops() / (TrainMilliseconds * 1e-3) / peak * 100;

    /// <summary>The results as JSON.</summary>
    /// <param name="results">The figures.</param>
    /// <param name="peak">The measured peak, in operations a second.</param>
    /// <param name="threads">On how many threads the layers and the peak loops ran.</param>
    /// <param name="vectorBits">The vector width in use.</param>
    public static JsonObject ToJson(IEnumerable<BenchResult> results, double peak, int threads, int vectorBits)
    {
        var list = new JsonArray();
        foreach (BenchResult result in results)
        {
            list.Add((JsonNode)new JsonObject
            {
                ["name"] = result.Shape.Name,
                ["forward_ms"] = result.ForwardMilliseconds,
                ["train_ms"] = result.TrainMilliseconds,
                ["forward_percent_of_peak"] = result.ForwardPercent(peak),
                ["train_percent_of_peak"] = result.TrainPercent(peak),
                ["allocated_bytes_per_step"] = result.AllocatedBytes,
                ["read_ms"] = result.ReadMilliseconds,
            });
        }
        return new JsonObject { ["peak_gflops"] = peak * 1e-9, ["threads"] = threads, ["vector_bits"] = vectorBits, ["results"] = list };
    }
}
