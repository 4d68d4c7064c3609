namespace Unroll.Metrics.Sequences;

/// <summary>What stands for the precision of an order without a match (Chen and Cherry 2014).</summary>
public enum BleuSmoothing
{
    /// <summary>"exp", method 3: 1/2, 1/4, … of a match for the first, second, … order without one.</summary>
    Exponential,

    /// <summary>"floor", method 1: a small count, 0.1 unless said otherwise.</summary>
    Floor,

    /// <summary>"add-k", method 2: k more matches and k more n-grams at every order above 1; k is 1 unless said otherwise.</summary>
    AddK,

    /// <summary>"none": the precision is 0, and so is the score.</summary>
    None,
}
