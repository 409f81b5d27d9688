using Microsoft.AspNetCore.Http;

namespace Vms.Hosting.Tests;

public sealed class ViewerTests
{
    [Theory]
    [InlineData("j%C3%BCrgen%20m%C3%BCller", "jürgen müller")]
    [InlineData("100%25", "100%")]
    [InlineData("anna", "anna")]
    public void A_name_that_control_vouches_for_is_the_name_and_not_what_the_header_makes_of_it(string header, string name) =>
        Assert.Equal(name, Viewer.Of(new DefaultHttpContext(), header).User);
}
