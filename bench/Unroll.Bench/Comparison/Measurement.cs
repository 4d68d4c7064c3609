using System.Text.Json;
using System.Text.Json.Nodes;

namespace Unroll.Bench.Comparison;

/// <summary>One shape's figures of one library in one round.</summary>
/// <param name="ForwardMilliseconds">Median of a forward pass.</param>
/// <param name="TrainMilliseconds">Median of a training step; null where there is none.</param>
/// <param name="AllocatedBytes">Managed bytes a step; null for a peer.</param>
/// <param name="ReadMilliseconds">Median of reading a stream's weights; null for a peer and for other shapes.</param>
internal readonly record struct ShapeFigures(double ForwardMilliseconds, double? TrainMilliseconds, long? AllocatedBytes, double? ReadMilliseconds = null);

/// <summary>What one library wrote in one round.</summary>
internal sealed record Measurement
{
    /// <summary>The figures by the shape's name.</summary>
    public required IReadOnlyDictionary<string, ShapeFigures> Shapes { get; init; }

    /// <summary>The library's version; null where it does not say.</summary>
    public string? Version { get; init; }

    /// <summary>The processor's measured peak in GFLOP/s; null for a peer.</summary>
    public double? Peak { get; init; }

    /// <summary>The vector width in bits; null for a peer.</summary>
    public int? VectorBits { get; init; }

    /// <summary>Reads a result file's text.</summary>
    /// <exception cref="InvalidDataException">It is no result file.</exception>
    public static Measurement Parse(string json, string source)
    {
        try
        {
            JsonNode root = JsonNode.Parse(json) ?? throw new InvalidDataException($"{source}: expected results in JSON, found null.");
            var shapes = new Dictionary<string, ShapeFigures>(StringComparer.Ordinal);
            foreach (JsonNode? result in root["results"]!.AsArray())
            {
                double forward = (double)result!["forward_ms"]!;
                double? train = (double?)result["train_ms"];
                if (!(forward > 0) || train is <= 0) throw new InvalidDataException($"{source}, shape '{(string?)result["name"]}': a time is not above zero.");
                shapes[(string)result["name"]!] = new ShapeFigures(forward, train, (long?)result["allocated_bytes_per_step"], (double?)result["read_ms"]);
            }
            return new Measurement { Shapes = shapes, Version = (string?)root["version"], Peak = (double?)root["peak_gflops"], VectorBits = (int?)root["vector_bits"] };
        }
        catch (Exception cause) when (cause is JsonException or InvalidOperationException or NullReferenceException or ArgumentNullException or FormatException)
        {
            throw new InvalidDataException($"{source}: expected results in JSON with a list 'results' of objects with 'name', 'forward_ms' and 'train_ms'.", cause);
        }
    }
}
