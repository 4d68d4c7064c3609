namespace Unroll.Tasks;

/// <summary>The recurrent layers of a <see cref="Translator"/>.</summary>
public enum TranslationCell
{
    /// <summary>Gated recurrent units.</summary>
    Gru,

    /// <summary>Long short-term memory.</summary>
    Lstm,
}
