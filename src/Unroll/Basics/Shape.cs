using System.Runtime.CompilerServices;

namespace Unroll.Basics;

/// <summary>
/// The lengths of a tensor's axes, outermost first. At most <see cref="MaximumRank"/> axes; an axis whose length is
/// not fixed yet (the batch, the time) is <see cref="Unknown"/>. A value: nothing is allocated.
/// </summary>
public readonly struct Shape : IEquatable<Shape>
{
    /// <summary>The most axes that a shape can have.</summary>
    public const int MaximumRank = 6;

    /// <summary>The length of an axis that is not fixed.</summary>
    public const int Unknown = -1;

    private readonly Axes _axes;

    /// <summary>A shape from its axis lengths, outermost first.</summary>
    /// <exception cref="ArgumentException">More than six axes, or a length below −1.</exception>
    public Shape(params ReadOnlySpan<int> axes)
    {
        if (axes.Length > MaximumRank)
            throw new ArgumentException($"Shape: expected at most {MaximumRank} axes, received {axes.Length}.", nameof(axes));
        for (int i = 0; i < axes.Length; i++)
        {
            if (axes[i] < Unknown)
                throw new ArgumentException($"Shape: axis {i} is {axes[i]}; a length is 0 or more, or −1 for unknown.", nameof(axes));
            _axes[i] = axes[i];
        }
        Rank = axes.Length;
    }

    /// <summary>Whether two axes can have the same length: equal, or one not known yet.</summary>
    internal static bool Meet(int one, int other) => one == other || one == Unknown || other == Unknown;

    /// <summary>How many axes there are; 0 for a single number.</summary>
    public int Rank { get; }

    /// <summary>The length of an axis; a negative index counts from the last, so <c>shape[-1]</c> is the features.</summary>
    public int this[int axis]
    {
        get
        {
            int index = axis < 0 ? axis + Rank : axis;
            if ((uint)index >= (uint)Rank)
                throw new ArgumentOutOfRangeException(nameof(axis), $"Shape {this} has no axis {axis}.");
            return _axes[index];
        }
    }

    /// <summary>The last axis's length, 1 for a single number.</summary>
    public int Features => Rank == 0 ? 1 : this[Rank - 1];

    /// <summary>The product of all axes but the last, 1 for a vector or a single number.</summary>
    public int Rows
    {
        get
        {
            int rows = 1;
            for (int i = 0; i < Rank - 1; i++) rows = checked(rows * _axes[i]);
            return rows;
        }
    }

    /// <summary>The product of all axes: how many numbers a tensor of this shape holds.</summary>
    public int Length
    {
        get
        {
            int length = 1;
            for (int i = 0; i < Rank; i++) length = checked(length * _axes[i]);
            return length;
        }
    }

    /// <summary>Whether every axis has a length.</summary>
    public bool IsKnown
    {
        get
        {
            for (int i = 0; i < Rank; i++) if (_axes[i] < 0) return false;
            return true;
        }
    }

    /// <summary>This shape with another length in one axis; a negative index counts from the last.</summary>
    public Shape With(int axis, int length)
    {
        _ = this[axis];
        Span<int> axes = stackalloc int[MaximumRank];
        for (int i = 0; i < Rank; i++) axes[i] = _axes[i];
        axes[axis < 0 ? axis + Rank : axis] = length;
        return new Shape(axes[..Rank]);
    }

    /// <summary>Whether this shape could be <paramref name="actual"/>, with every unknown axis matching anything.</summary>
    public bool Accepts(Shape actual)
    {
        if (Rank != actual.Rank) return false;
        for (int i = 0; i < Rank; i++)
            if (_axes[i] != Unknown && actual._axes[i] != Unknown && _axes[i] != actual._axes[i]) return false;
        return true;
    }

    /// <inheritdoc/>
    public bool Equals(Shape other)
    {
        if (Rank != other.Rank) return false;
        for (int i = 0; i < Rank; i++) if (_axes[i] != other._axes[i]) return false;
        return true;
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Shape other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        for (int i = 0; i < Rank; i++) hash.Add(_axes[i]);
        return hash.ToHashCode();
    }

    /// <summary>Equal axes.</summary>
    public static bool operator ==(Shape left, Shape right) => left.Equals(right);

    /// <summary>Different axes.</summary>
    public static bool operator !=(Shape left, Shape right) => !left.Equals(right);

    /// <summary>For example <c>[32, 10, 16]</c>, with <c>?</c> for an unknown axis.</summary>
    public override string ToString()
    {
        var parts = new string[Rank];
        for (int i = 0; i < Rank; i++)
            parts[i] = _axes[i] == Unknown ? "?" : _axes[i].ToString(System.Globalization.CultureInfo.InvariantCulture);
        return "[" + string.Join(", ", parts) + "]";
    }

    [InlineArray(MaximumRank)]
    private struct Axes
    {
        private int _first;
    }
}
