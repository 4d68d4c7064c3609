using Unroll.Basics;
using Unroll.Cli.Csv;
using Unroll.Cli.Forecasting;
using Unroll.Data;
using Unroll.Layers;
using Unroll.Losses;
using Unroll.Metrics;
using Unroll.Tasks;
using Unroll.Tensors;
using Unroll.Text;
using Unroll.Training;

namespace Unroll.Cli.Comparison;

/// <summary>The task of telling the class of each text of a table.</summary>
internal sealed record ClassificationComparison
{
    private const double HeldOut = 0.1;
    private const int BatchSize = 64;

    /// <summary>The table learnt from.</summary>
    public required CsvTable Table { get; init; }

    /// <summary>The table of the test; null to hold out a tenth of the rows.</summary>
    public required CsvTable? Test { get; init; }

    /// <summary>The column of texts.</summary>
    public required string Text { get; init; }

    /// <summary>The column of classes.</summary>
    public required string Label { get; init; }

    /// <summary>Whether characters are the tokens instead of words.</summary>
    public bool Characters { get; init; }

    /// <summary>Whether text is lowered.</summary>
    public bool LowerCase { get; init; }

    /// <summary>The most tokens of a text; what follows is cut off.</summary>
    public int MaximumLength { get; init; }

    /// <summary>The most tokens of the vocabulary.</summary>
    public int VocabularySize { get; init; }

    /// <summary>The width of a token's embedding.</summary>
    public int Embedding { get; init; }

    /// <summary>From which the rows held out are drawn.</summary>
    public ulong Seed { get; init; }

    /// <summary>The task, and how its data was understood.</summary>
    /// <exception cref="InputException">A column or a cell is not as expected, or there is one class.</exception>
    public (ComparisonTask Task, string Note) Make()
    {
        (string Text, string Label, int Line)[] rows = Rows(Table), test = Test is null ? [] : Rows(Test);
        // A tenth validates, and a tenth tests where no file does.
        int[] order = [.. Enumerable.Range(0, rows.Length)];
        new RandomStream(Seed, "held_out").Shuffle<int>(order);
        int held = (int)Math.Round(HeldOut * rows.Length), tested = Test is null ? held : 0;
        if (held == 0) throw new InputException($"{Table.Path}: expected at least {Figures.Count((int)Math.Ceiling(0.5 / HeldOut) + 1, "row")}, of which a tenth is held out, found {Figures.Count(rows.Length, "row")}. Give more rows.");
        (string Text, string Label, int Line)[] validation = [.. order[..held].Select(i => rows[i])];
        if (Test is null) test = [.. order[held..(held + tested)].Select(i => rows[i])];
        rows = [.. order[(held + tested)..].Order().Select(i => rows[i])];

        string[] classes = [.. rows.Select(row => row.Label).Distinct().Order(StringComparer.Ordinal)];
        if (classes.Length < 2) throw new InputException($"{Table.Path}: expected at least two classes in column '{Label}', found '{classes[0]}' alone in the {Figures.Count(rows.Length, "row")} to learn from.");
        Tokenizer tokenizer = Characters
            ? CharacterTokenizer.FromTexts(rows.Select(row => Lowered(row.Text)), maximumSize: VocabularySize)
            : WordTokenizer.FromTexts(rows.Select(row => row.Text), lowerCase: LowerCase, minimumCount: 2, maximumSize: VocabularySize);
        Dataset Examples((string Text, string Label, int Line)[] part, CsvTable table)
        {
            float[] targets = [.. part.Select(row => (float)Class(classes, row.Label, table, row.Line))];
            int[][] ids = [.. part.Select(row => tokenizer.Encode(Characters ? Lowered(row.Text) : row.Text) is var all && all.Length > MaximumLength ? all[..MaximumLength] : all)];
            return (Tensor.FromTokens(ids), Tensor.FromArray(targets, targets.Length));
        }
        int vocabulary = tokenizer.Vocabulary.Count;
        int? unknown = tokenizer.Vocabulary.UnknownId;
        return (new ComparisonTask
        {
            InputShape = new Shape(Shape.Unknown, Shape.Unknown),
            ReadsTokens = true,
            Train = Examples(rows, Table),
            Validation = Examples(validation, Table),
            Test = Examples(test, Test ?? Table),
            Before = model => [model.Embedding(vocabulary, Embedding, unknown)],
            Head = () => new Dense(classes.Length),
            Loss = Loss.SparseCategoricalCrossEntropy(),
            QualityName = "accuracy %",
            HigherIsBetter = true,
            Quality = (network, data, cancel) =>
            {
                network.Compile("adam", "sparse_categorical_crossentropy", "accuracy");
                return 100 * network.Evaluate(data, BatchSize, cancel)["accuracy"];
            },
        }, $"{Figures.Count(rows.Length, "text")} to learn from, {Figures.Count(validation.Length, "text")} to validate on, {Figures.Count(test.Length, "text")} to test on; "
            + $"{classes.Length} classes; {Figures.Count(vocabulary, "token")}, texts cut after {MaximumLength}.");
    }

    private string Lowered(string text) => LowerCase ? text.ToLowerInvariant() : text;

    private (string Text, string Label, int Line)[] Rows(CsvTable table)
    {
        int text = table.Column(Text, "text"), label = table.Column(Label, "label");
        var rows = new (string, string, int)[table.RowCount];
        for (int i = 0; i < rows.Length; i++)
        {
            foreach ((int column, string name) in new[] { (text, Text), (label, Label) })
                if (table.Cell(i, column).Length == 0) throw new InputException($"{table.Path}, line {table.Line(i)}: expected a text and its class, found nothing in column '{name}'. Fill the cell or remove the row.");
            rows[i] = (table.Cell(i, text), table.Cell(i, label), table.Line(i));
        }
        return rows;
    }

    private static int Class(string[] classes, string label, CsvTable table, int line)
    {
        int index = Array.BinarySearch(classes, label, StringComparer.Ordinal);
        if (index >= 0) return index;
        string known = string.Join(", ", classes.Take(10).Select(name => $"'{name}'")) + (classes.Length > 10 ? ", …" : "");
        throw new InputException($"{table.Path}, line {line}: expected a class that the rows to learn from have ({known}), found '{label}'. Give more rows of it, or remove the row.");
    }
}
