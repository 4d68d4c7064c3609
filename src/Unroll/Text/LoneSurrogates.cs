namespace Unroll.Text;

/// <summary>What a tokenizer does with half a surrogate pair, which is no character.</summary>
public enum LoneSurrogates
{
    /// <summary>Refuses the text and says where it stands.</summary>
    Refuse,

    /// <summary>Reads U+FFFD, the replacement character, in its place.</summary>
    Replace,
}
