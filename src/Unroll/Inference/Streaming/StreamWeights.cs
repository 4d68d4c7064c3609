namespace Unroll.Inference;

/// <summary>How a stream stores the weights of recurrent and dense layers. Biases, embeddings and states are float32 always.</summary>
public enum StreamWeights
{
    /// <summary>As the model has them: the answers are the bits of <c>Predict</c>.</summary>
    Float32,

    /// <summary>The upper 16 bits of each, rounded to nearest, ties to even; float32 arithmetic. Half the memory to read a step.</summary>
    BFloat16,

    /// <summary>
    /// Whole numbers from −127 to 127 with one scale a column; each layer's input is rounded to 12 bits with one scale a step,
    /// and the products are summed exactly. A quarter of the memory to read.
    /// </summary>
    Int8,
}
