namespace Unroll.Kernels.Attention;

/// <summary>One head of one sequence.</summary>
internal readonly struct AttentionPair
{
    public unsafe AttentionPair(in AttentionArguments arguments, int number)
    {
        Place = number / arguments.Heads;
        Head = number % arguments.Heads;
        KeyPlace = arguments.KeyPlaces[Place];
        Sequence = arguments.Queries.Rows.Sequence(Place);
        Queries = arguments.Queries.Rows.Length(Sequence);
        Keys = arguments.Keys.Rows.Length(Sequence);
    }

    /// <summary>The sequence's place among the queries' rows, and among the keys'.</summary>
    public int Place { get; }

    public int KeyPlace { get; }

    public int Head { get; }

    /// <summary>The sequence's number in the batch.</summary>
    public int Sequence { get; }

    /// <summary>The sequence's lengths.</summary>
    public int Queries { get; }

    public int Keys { get; }
}
