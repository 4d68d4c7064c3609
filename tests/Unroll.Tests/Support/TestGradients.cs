using Unroll.Tensors;

namespace Unroll.Tests.Support;

/// <summary>Reaches into parameters as a backward pass would.</summary>
internal static class TestGradients
{
    /// <summary>Different from one another, none zero, both signs.</summary>
    public static float[] Distinct(int count, double factor = 1.7) =>
        [.. Enumerable.Range(1, count).Select(i => (float)Math.Sin(factor * i) + 0.01f)];

    /// <summary>Replaces a gradient from a row-major array.</summary>
    public static void Set(Parameter parameter, ReadOnlySpan<float> rowMajor)
    {
        if (parameter.Panels is null) rowMajor.CopyTo(parameter.GradientSpan);
        else parameter.Panels.Pack(rowMajor, parameter.GradientSpan);
    }

    /// <summary>What the storage holds where no number of the matrix lies.</summary>
    public static float[] Padding(Parameter parameter)
    {
        if (parameter.Panels is null) return [];
        float[] mask = new float[parameter.StorageLength];
        parameter.Panels.Pack(Enumerable.Repeat(1f, parameter.Count).ToArray(), mask);
        float[] values = parameter.ValueSpan.ToArray();
        return [.. values.Where((_, i) => mask[i] == 0)];
    }
}
