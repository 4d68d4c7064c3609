using System.Text;

namespace Unroll.Basics;

/// <summary>
/// Random numbers that depend on four things only: a seed, the stream's name, a step, and the logical index of the
/// draw (an element's position, an example's number). Drawing changes nothing, so the order of calls, the packing of
/// a batch and the number of threads cannot change a number; a checkpoint need store no more than the step.
/// </summary>
/// <remarks>
/// <para>The bits come from Philox4x32-10: the seed and the name's hash are mixed to its key, the step is the upper
/// half of its counter and the index, four a counter, the lower half.</para>
/// <para>Different kinds of draw at one index share bits: <see cref="Bits"/> i and <see cref="Uniform"/> i are made from
/// the same word, <see cref="UniformDouble"/> i and <see cref="Below"/> i from words 2i and 2i + 1. Give each use a
/// stream of its own (another name, or a <see cref="Fork"/>).</para>
/// </remarks>
public readonly struct RandomStream : IEquatable<RandomStream>
{
    private const ulong HashBasis = 0xCBF29CE484222325, HashPrime = 0x100000001B3;

    // Any fixed key will do to mix seed and name; these are the first 64 fractional bits of the golden ratio.
    private const ulong MixingKey = 0x9E3779B97F4A7C15;

    private readonly ulong _seed, _nameHash, _key;

    /// <summary>The stream of a seed and a name, at a step. The name is hashed here, once.</summary>
    /// <param name="seed">The run's seed; any number.</param>
    /// <param name="name">What the draws are for, such as "shuffle" or "lstm/dropout". Case matters.</param>
    /// <param name="step">Which repetition: the training step, the epoch. Any number.</param>
    /// <exception cref="ArgumentNullException">The name is null.</exception>
    public RandomStream(ulong seed, string name, long step = 0) : this(seed, HashName(name), step)
    {
    }

    /// <summary>The stream of a seed and a name whose hash was computed before, so that nothing is hashed in a hot path.</summary>
    /// <param name="seed">The run's seed; any number.</param>
    /// <param name="nameHash">What <see cref="HashName"/> gave for the name.</param>
    /// <param name="step">Which repetition: the training step, the epoch. Any number.</param>
    public RandomStream(ulong seed, ulong nameHash, long step = 0)
    {
        _seed = seed;
        _nameHash = nameHash;
        PhiloxBlock mixed = Philox.Block(seed, nameHash, MixingKey);
        _key = mixed.Word0 | (ulong)mixed.Word1 << 32;
        Step = step;
    }

    private RandomStream(in RandomStream other, long step)
    {
        this = other;
        Step = step;
    }

    /// <summary>The seed given at construction.</summary>
    public ulong Seed => _seed;

    /// <summary>The step that this stream's draws belong to.</summary>
    public long Step { get; }

    /// <summary>The 64-bit FNV-1a hash of a name's UTF-8 bytes: equal on every machine and in every release.</summary>
    /// <exception cref="ArgumentNullException">The name is null.</exception>
    public static ulong HashName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Hash(HashBasis, name);
    }

    /// <summary>The same seed and name at another step.</summary>
    public RandomStream At(long step) => new(in this, step);

    /// <summary>
    /// A stream whose name is this stream's name, a slash and <paramref name="name"/>, with the same seed and step:
    /// <c>new RandomStream(7, "lstm").Fork("dropout")</c> equals <c>new RandomStream(7, "lstm/dropout")</c>.
    /// </summary>
    /// <exception cref="ArgumentNullException">The name is null.</exception>
    public RandomStream Fork(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return new RandomStream(_seed, Hash(Hash(_nameHash, "/"), name), Step);
    }

    /// <summary>32 random bits.</summary>
    /// <param name="index">The draw's logical index; any number.</param>
    public uint Bits(long index) => Block(index >> 2)[index];

    /// <summary>64 random bits, made of <see cref="Bits"/> 2·index (low) and 2·index + 1 (high).</summary>
    /// <param name="index">The draw's logical index; any number of up to 63 bits.</param>
    public ulong Bits64(long index)
    {
        PhiloxBlock block = Block(index >> 1);
        return (index & 1) == 0
            ? block.Word0 | (ulong)block.Word1 << 32
            : block.Word2 | (ulong)block.Word3 << 32;
    }

    /// <summary>A number in [0, 1): one of the 2²⁴ multiples of 2⁻²⁴, all equally likely.</summary>
    /// <param name="index">The draw's logical index; any number.</param>
    public float Uniform(long index) => ToUniform(Bits(index));

    /// <summary>A number in [0, 1): one of the 2⁵³ multiples of 2⁻⁵³, all equally likely.</summary>
    /// <param name="index">The draw's logical index; any number.</param>
    public double UniformDouble(long index) => (Bits64(index) >> 11) * (1.0 / (1UL << 53));

    /// <summary>A whole number in [0, bound). No value's chance is off by more than one part in 2³³.</summary>
    /// <param name="bound">How many values there are, at least 1.</param>
    /// <param name="index">The draw's logical index; any number.</param>
    /// <exception cref="ArgumentOutOfRangeException">The bound is 0 or negative.</exception>
    public int Below(int bound, long index)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bound, 1);
        return (int)Math.BigMul(Bits64(index), (ulong)bound, out _);
    }

    /// <summary>
    /// Puts the elements in a random order, each order equally likely as far as the bits allow: Fisher and Yates's
    /// exchange from the last position down, position i with draw i of <see cref="Below"/>.
    /// </summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (int i = items.Length - 1; i > 0; i--)
        {
            int j = Below(i + 1, i);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }

    /// <summary>Whether seed, name and step are equal, and so every draw.</summary>
    public bool Equals(RandomStream other) =>
        _seed == other._seed && _nameHash == other._nameHash && _key == other._key && Step == other.Step;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is RandomStream other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_seed, _nameHash, Step);

    /// <summary>Whether seed, name and step are equal.</summary>
    public static bool operator ==(RandomStream left, RandomStream right) => left.Equals(right);

    /// <summary>Whether seed, name or step differ.</summary>
    public static bool operator !=(RandomStream left, RandomStream right) => !left.Equals(right);

    /// <summary>The key of the stream's counters.</summary>
    internal ulong Key => _key;

    /// <summary>Draws 4·block to 4·block + 3.</summary>
    internal PhiloxBlock Block(long block) => Philox.Block((ulong)block, (ulong)Step, _key);

    /// <summary>The upper 24 bits of a word as a multiple of 2⁻²⁴.</summary>
    internal static float ToUniform(uint bits) => (int)(bits >> 8) * (1f / (1 << 24));

    private static ulong Hash(ulong hash, string text)
    {
        Span<byte> bytes = stackalloc byte[4];
        foreach (Rune rune in text.EnumerateRunes())
        {
            int count = rune.EncodeToUtf8(bytes);
            for (int i = 0; i < count; i++) hash = unchecked((hash ^ bytes[i]) * HashPrime);
        }
        return hash;
    }
}
