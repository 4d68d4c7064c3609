using System.Runtime.CompilerServices;
using Unroll.Kernels.Streaming;
using Unroll.Tensors;

namespace Unroll.Inference;

/// <summary>
/// Weights as a stream reads them: float32 in the parameter's own memory, fewer bits in a copy that all streams opened
/// before the next change of the parameter share.
/// </summary>
internal sealed unsafe class StreamWeightCopy
{
    private static readonly ConditionalWeakTable<Parameter, StreamWeightCopy> s_ofParameters = [];

    private readonly (long Version, NativeBlock Block)?[] _latest = new (long, NativeBlock)?[Enum.GetValues<StreamWeights>().Length];

    /// <summary>Points a matrix to its weights.</summary>
    /// <returns>The memory that must live as long as the stream.</returns>
    /// <exception cref="NotSupportedException">More inputs than sums of whole numbers can take.</exception>
    public static NativeBlock Of(Parameter parameter, StreamMatrix matrix, StreamWeights storage)
    {
        if (storage == StreamWeights.Int8 && matrix.Rows > Int8Product.MostRows)
            throw new NotSupportedException($"OpenStream: '{parameter.Name}' has {matrix.Rows} inputs; weights of 8 bits take at most {Int8Product.MostRows}. Use {nameof(StreamWeights.BFloat16)}.");
        NativeBlock block = storage == StreamWeights.Float32 ? parameter.Block : s_ofParameters.GetOrCreateValue(parameter).Latest(parameter, matrix, storage);
        matrix.Weights = block.Pointer;
        return block;
    }

    private NativeBlock Latest(Parameter parameter, StreamMatrix matrix, StreamWeights storage)
    {
        lock (_latest)
        {
            long version = parameter.Version;
            if (_latest[(int)storage] is { } known && known.Version == version) return known.Block;
            NativeBlock block;
            if (storage == StreamWeights.BFloat16)
            {
                block = new NativeBlock(BFloat16Product.WordsOf(matrix));
                BFloat16Product.Pack(matrix, parameter.Values, (uint*)block.Pointer);
            }
            else
            {
                block = new NativeBlock(Int8Product.WordsOf(matrix));
                Int8Product.Pack(matrix, parameter.Values, block.Pointer);
            }
            _latest[(int)storage] = (version, block);
            return block;
        }
    }
}
