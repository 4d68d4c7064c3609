using Unroll.Tensors;
using Unroll.Text;

namespace Unroll.Tasks;

/// <summary>What BERT reads: [CLS] first [SEP], or [CLS] first [SEP] second [SEP] (Devlin et al. 2019, arXiv 1810.04805, section 3).</summary>
/// <param name="Ids">The tokens.</param>
/// <param name="Segments">0 to the first [SEP], 1 behind it.</param>
public sealed record BertInput(int[] Ids, int[] Segments)
{
    /// <summary>The tokens of one or two texts.</summary>
    /// <param name="tokenizer">With [CLS] as its beginning and [SEP] as its end token.</param>
    /// <param name="first">The text of segment 0.</param>
    /// <param name="second">The text of segment 1, or null.</param>
    /// <param name="maximumLength">The most tokens: the longer text, the second where they are equal, loses its last one until they fit. At least 3.</param>
    /// <exception cref="ArgumentException">A tokenizer without [CLS] and [SEP], or a text that it refuses.</exception>
    public static BertInput Of(Tokenizer tokenizer, string first, string? second = null, int maximumLength = 512)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(first);
        ArgumentOutOfRangeException.ThrowIfLessThan(maximumLength, 3);
        if (tokenizer.Vocabulary is not { BeginningId: int begin, EndId: int end })
            throw new ArgumentException("BertInput: expected a tokenizer whose vocabulary has [CLS] and [SEP], found one without; give it SpecialTokens.Bert.", nameof(tokenizer));
        int[] a = tokenizer.Encode(first), b = second is null ? [] : tokenizer.Encode(second);
        int room = maximumLength - (second is null ? 2 : 3);
        int ofFirst = a.Length, ofSecond = b.Length;
        while (ofFirst + ofSecond > room)
        {
            if (ofFirst > ofSecond) ofFirst--;
            else ofSecond--;
        }
        int[] ids = second is null ? [begin, .. a[..ofFirst], end] : [begin, .. a[..ofFirst], end, .. b[..ofSecond], end];
        var segments = new int[ids.Length];
        segments.AsSpan(ofFirst + 2).Fill(1);
        return new BertInput(ids, segments);
    }

    /// <summary>Several as a model's two inputs, ids and segments [B, longest] with lengths.</summary>
    public static Tensor[] Batch(IReadOnlyList<BertInput> inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        return [Tensor.FromTokens([.. inputs.Select(input => input.Ids)]), Tensor.FromTokens([.. inputs.Select(input => input.Segments)])];
    }
}
