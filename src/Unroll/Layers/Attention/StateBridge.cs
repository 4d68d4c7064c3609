namespace Unroll.Layers;

/// <summary>How an <see cref="AttentiveDecoder"/> begins from the states that it is given, as an encoder's last.</summary>
public enum StateBridge
{
    /// <summary>Each tensor of the decoder's state is tanh(W s + b) of all given states side by side (Bahdanau et al. 2015, appendix A.2.2).</summary>
    Dense,

    /// <summary>The given states are the decoder's: as many tensors of the same widths.</summary>
    Copy,
}
