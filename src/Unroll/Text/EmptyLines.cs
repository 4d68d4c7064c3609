namespace Unroll.Text;

/// <summary>What becomes of a pair of which one side is empty.</summary>
public enum EmptyLines
{
    /// <summary>Refuses the files and says where it stands.</summary>
    Refuse,

    /// <summary>Leaves the pair out and counts it.</summary>
    Skip,
}
