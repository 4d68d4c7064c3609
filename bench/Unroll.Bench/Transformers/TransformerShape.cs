using System.Text.Json;

namespace Unroll.Bench.Transformers;

/// <summary>A Transformer encoder that is timed.</summary>
internal sealed record TransformerShape(string Name, int Layers, int Width, int Heads, int FeedForward, int Batch, int Steps, bool Causal)
{
    private static readonly JsonSerializerOptions s_peersNames = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <summary>What is timed.</summary>
    public static readonly TransformerShape[] All =
    [
        new("encoder_256", 1, 256, 4, 1024, 32, 128, Causal: false),
        new("causal_256", 1, 256, 4, 1024, 32, 128, Causal: true),
        new("encoder_256x4", 4, 256, 4, 1024, 8, 128, Causal: false),
        new("long_64", 1, 64, 2, 256, 2, 1024, Causal: true),
    ];

    /// <summary>Floating-point operations of a forward pass that count: of the projections, the feed-forward parts and the scores that are seen.</summary>
    public double ForwardFlops
    {
        get
        {
            double rows = (double)Batch * Steps, seen = Causal ? (Steps + 1) / 2.0 : Steps;
            return Layers * (2 * rows * Width * (4.0 * Width + 2.0 * FeedForward) + 4 * rows * seen * Width);
        }
    }

    /// <summary>The shapes in JSON, for a peer.</summary>
    public static string Json() => JsonSerializer.Serialize(All, s_peersNames);
}
