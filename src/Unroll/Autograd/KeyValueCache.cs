namespace Unroll.Autograd;

/// <summary>The keys and values of earlier steps, by attention layer. For one thread at a time.</summary>
internal sealed class KeyValueCache
{
    /// <summary>How many steps of each sequence it holds.</summary>
    public int Steps { get; private set; }
}
