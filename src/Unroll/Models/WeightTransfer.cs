using Unroll.Tensors;

namespace Unroll.Models;

/// <summary>Which parameters took their numbers from another model.</summary>
/// <param name="Copied">Those that took all.</param>
/// <param name="Grown">Those of more rows or columns, which took what there was and keep their own first values beyond.</param>
/// <param name="Left">Those that the other model has not, or in a shape that does not fit: a changed head.</param>
public sealed record WeightTransfer(IReadOnlyList<string> Copied, IReadOnlyList<string> Grown, IReadOnlyList<string> Left)
{
    /// <summary>
    /// Takes weights by name from a model trained before, for fine-tuning: equal shapes whole; a table, a dense kernel or a
    /// bias that has grown along one axis (a vocabulary, an output) where the two overlap; others are left as they are.
    /// </summary>
    /// <param name="from">A built model.</param>
    /// <param name="to">A built model; what is not taken keeps its initial values.</param>
    /// <exception cref="InvalidOperationException">A model that is not built, or no parameter in common.</exception>
    public static WeightTransfer Run(Network from, Network to)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        from.RequireBuilt("take");
        to.RequireBuilt("replace");
        List<string> copied = [], grown = [], left = [];
        var sources = new Dictionary<string, Parameter>(StringComparer.Ordinal);
        for (int i = 0; i < from.Parameters.Count; i++) sources[from.ParameterNames[i]] = from.Parameters[i];
        for (int i = 0; i < to.Parameters.Count; i++)
        {
            (Parameter target, string name) = (to.Parameters[i], to.ParameterNames[i]);
            Parameter? source = sources.GetValueOrDefault(name);
            if (source is not null && source.Shape == target.Shape)
            {
                target.Set(source.ToArray());
                copied.Add(name);
            }
            else if (source is not null && HasGrown(source, target))
            {
                TakeOverlap(source, target);
                grown.Add(name);
            }
            else
            {
                left.Add(name);
            }
        }
        if (copied.Count + grown.Count == 0)
            throw new InvalidOperationException($"WeightTransfer: expected parameters of the same names, found none: model '{from.Name}' has {string.Join(", ", from.ParameterNames)}, model '{to.Name}' {string.Join(", ", left)}. Give the layers that stay the same names.");
        return new WeightTransfer(copied, grown, left);
    }

    /// <summary>More along one axis, and without gates: the columns of a gated kernel are blocks that do not line up.</summary>
    private static bool HasGrown(Parameter source, Parameter target)
    {
        if (source.Shape.Rank != target.Shape.Rank || target.Shape.Rank is 0 or > 2 || target.Panels is { Gates: > 1 }) return false;
        int larger = 0;
        for (int axis = 0; axis < target.Shape.Rank; axis++)
        {
            if (target.Shape[axis] < source.Shape[axis]) return false;
            if (target.Shape[axis] > source.Shape[axis]) larger++;
        }
        return larger == 1;
    }

    private static void TakeOverlap(Parameter source, Parameter target)
    {
        float[] from = source.ToArray(), to = target.ToArray();
        int width = source.Shape[-1], targetWidth = target.Shape[-1], rows = source.Count / Math.Max(1, width);
        for (int row = 0; row < rows; row++) from.AsSpan(row * width, width).CopyTo(to.AsSpan(row * targetWidth));
        target.Set(to);
    }
}
