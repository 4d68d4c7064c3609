using System.Globalization;
using Unroll.Data;
using Unroll.Tasks;
using Unroll.Tensors;
using Unroll.Text;

namespace Unroll.Bench.Bert;

/// <summary>TREC's questions and what each asks for: 0 to 5 are description, entity, abbreviation, human, location and number.</summary>
internal static class QuestionData
{
    public const int Classes = 6;

    /// <summary>The questions and classes of a file, one a line, the class before the first space.</summary>
    public static (string Text, int Class)[] Read(string path) =>
        [.. File.ReadLines(path, System.Text.Encoding.Latin1).Select(line => (line[2..], int.Parse(line.AsSpan(0, 1), CultureInfo.InvariantCulture)))];

    /// <summary>Questions as BERT reads them, with their classes.</summary>
    public static Dataset Encoded(IReadOnlyList<(string Text, int Class)> questions, WordPieceTokenizer tokenizer, int maximumLength) => new(
        BertInput.Batch([.. questions.Select(question => BertInput.Of(tokenizer, question.Text, maximumLength: maximumLength))]),
        [Tensor.FromArray([.. questions.Select(question => (float)question.Class)], questions.Count)]);
}
