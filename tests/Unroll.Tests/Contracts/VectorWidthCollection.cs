namespace Unroll.Tests.Contracts;

/// <summary>Tests that set the vector width, which is one for the process: alone, so that none runs at another's width.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class VectorWidthCollection
{
    public const string Name = "Vector width";

    internal static readonly int[] All = [512, 256, 128, 32];

    /// <summary>Runs something at every width, the plain form last.</summary>
    internal static void AtEach(Action<int> run)
    {
        int before = Unroll.Kernels.Simd.SimdWidth.Current;
        try
        {
            foreach (int width in All)
            {
                Unroll.Kernels.Simd.SimdWidth.Current = width;
                run(width);
            }
        }
        finally
        {
            Unroll.Kernels.Simd.SimdWidth.Current = before;
        }
    }
}
