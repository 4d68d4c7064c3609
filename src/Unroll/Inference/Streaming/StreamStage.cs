namespace Unroll.Inference;

/// <summary>What one layer does at each step of a stream. A stage has its own output and changes nothing else.</summary>
internal abstract unsafe class StreamStage
{
    /// <summary>Computes the layer's output for one step.</summary>
    /// <param name="x">The layer's input. Not changed.</param>
    /// <returns>The output; valid until the next step.</returns>
    public abstract float* Step(float* x);

    /// <summary>Runs stages one after another.</summary>
    public static float* Run(StreamStage[] stages, float* x)
    {
        foreach (StreamStage stage in stages) x = stage.Step(x);
        return x;
    }
}
