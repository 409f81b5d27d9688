using Vms.Ai.Detectors;
using Vms.Ai.Models.Plates;

namespace Vms.Ai.Tests.Models;

public sealed class PlateTests
{
    [Theory]
    [InlineData("DE", "M AB 1234", "MAB1234")]
    [InlineData("DE", "M·AB 12Z4", null)]
    [InlineData("DE", "B-0A 1O01", "BOA1001")]          // O among letters, 0 among digits
    [InlineData("DE", "D M AB 1234", "DMAB1234")]       // might be Düsseldorf: what fits as it stands stays
    [InlineData("DE", "WÜ XY 12 E", "WÜXY12E")]
    [InlineData("DE", "1234", null)]
    [InlineData("AT", "W 12345 A", "W12345A")]
    [InlineData("AT", "GU I23 BC", "GU123BC")]
    [InlineData("CH", "ZH 445566", "ZH445566")]
    [InlineData("CH", "2H 445566", null)]
    [InlineData("FR", "AB-123-CD", "AB123CD")]
    [InlineData("FR", "AB-I23-CD", "AB123CD")]
    [InlineData("FR", "1234 AB 75", "1234AB75")]
    [InlineData("GB", "KX57 ABC", "KX57ABC")]
    [InlineData("GB", "KXS7 ABC", null)]
    [InlineData("GB", "kxO7 abc", "KX07ABC")]
    [InlineData("NL", "XX-99-XX", "XX99XX")]
    [InlineData("NL", "G-0O1-BB", "G001BB")]
    [InlineData("NL", "NL 12-ABC-3", "12ABC3")]
    [InlineData("BE", "1-ABC-23A", null)]
    [InlineData("BE", "I-ABC-234", "1ABC234")]
    [InlineData("LU", "AB 1234", "AB1234")]
    [InlineData("IT", "AB 123 CD", "AB123CD")]
    [InlineData("IT", "A8 123 CD", null)]
    [InlineData("ES", "1234 BCD", "1234BCD")]
    [InlineData("PT", "AA-01-BC", "AA01BC")]
    [InlineData("PL", "WA 12345", "WA12345")]
    [InlineData("PL", "KRA 1AB2", "KRA1AB2")]
    [InlineData("PL", "KRA ABCD", null)]
    [InlineData("CZ", "1A2 3456", "1A23456")]
    [InlineData("SK", "BA-123AB", "BA123AB")]
    [InlineData("HU", "AABC-123", "AABC123")]
    [InlineData("HU", "H ABC-123", "ABC123")]
    [InlineData("HU", "H AABC-123", "AABC123")]
    [InlineData("LU", "L 12345", "12345")]
    [InlineData("LU", "LI 2345", "LI2345")]
    [InlineData("DE", "DAH 12", "DAH12")]
    [InlineData("DE", "D M AB 12", "DMAB12")]
    [InlineData("RO", "B 123 ABC", "B123ABC")]
    [InlineData("SE", "ABC 12D", "ABC12D")]
    [InlineData("DK", "AB 12 345", "AB12345")]
    [InlineData("IE", "241-D-12345", "241D12345")]
    [InlineData("HR", "ZG 1234-AB", "ZG1234AB")]
    [InlineData("LI", "FL 12345", "FL12345")]
    [InlineData("US", "7ABC123", "7ABC123")]
    [InlineData("US", "TEXAS", null)]
    [InlineData("EU", "1-ABC-234", "1ABC234")]
    [InlineData("nowhere", "1-ABC-234", "1ABC234")]
    [InlineData("EU", "AB", null)]
    [InlineData("EU", "", null)]
    public void Plates_are_read_as_their_country_makes_them(string country, string read, string? plate) => Assert.Equal(plate, PlateFormat.Of(country).Read(read));

    [Fact]
    public void Several_looks_outvote_a_wrong_character()
    {
        var vote = new PlateVote("GB");
        Assert.Null(vote.Best());
        vote.Add(Reading("KX57ABO", 0.7f));
        vote.Add(Reading("KX57ABC", 0.8f));
        vote.Add(Reading("XX57ABC", 0.6f));
        vote.Add(Reading("KX57AB", 0.9f));
        var best = vote.Best();
        Assert.Equal("KX57ABC", best!.Text);
        Assert.InRange(best.Confidence, 0.3f, 0.79f);
    }

    [Fact]
    public void Looks_that_agree_are_as_sure_as_the_surest()
    {
        var vote = new PlateVote("GB");
        for (int i = 0; i < 100; i++)
            vote.Add(Reading("KX57ABC", 0.5f + (i % 10 * 0.04f)));
        Assert.Equal(PlateVote.MostReadings, vote.Count);
        Assert.Equal(("KX57ABC", 0.86f), (vote.Best()!.Text, MathF.Round(vote.Best()!.Confidence, 2)));
    }

    private static PlateReading Reading(string text, float confidence) => new(text, confidence, Box.Whole);
}
