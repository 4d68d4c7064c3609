namespace Unroll.Layers;

/// <summary>What <see cref="RecurrentLayer.RecurrentDropout"/> drops.</summary>
public enum RecurrentDropoutKind
{
    /// <summary>Units of the state that all gates' recurrent weights see, the same for every step of a sequence (Gal and Ghahramani 2016).</summary>
    Variational,

    /// <summary>Candidates, anew at every step; the state itself is never dropped (Semeniuta, Severyn and Barth 2016).</summary>
    Candidate,
}
