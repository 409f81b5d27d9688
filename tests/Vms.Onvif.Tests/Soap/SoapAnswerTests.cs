using System.Text;
using System.Xml.Linq;
using Vms.Onvif.Soap;

namespace Vms.Onvif.Tests.Soap;

public sealed class SoapAnswerTests
{
    [Theory]
    [InlineData("<Code><Value>s:Sender</Value><Subcode><Value>ter:NotAuthorized</Value></Subcode></Code><Reason><Text>Sender not Authorized</Text></Reason>", SoapFaultKind.NotAuthorized)]
    [InlineData("<Code><Value>s:Sender</Value><Subcode><Value> wsse:FailedAuthentication </Value></Subcode></Code><Reason><Text>no</Text></Reason>", SoapFaultKind.NotAuthorized)]
    [InlineData("<Code><Value>s:Sender</Value></Code><Reason><Text xml:lang='en'>The action requested requires authorization and the sender is not authorized</Text></Reason>", SoapFaultKind.NotAuthorized)]
    [InlineData("<faultcode>SOAP-ENV:Client</faultcode><faultstring>Unauthorized</faultstring>", SoapFaultKind.NotAuthorized)]
    [InlineData("<Code><Value>s:Sender</Value><Subcode><Value>wsu:MessageExpired</Value></Subcode></Code>", SoapFaultKind.Expired)]
    [InlineData("<Code><Value>s:Receiver</Value><Subcode><Value>ter:ActionNotSupported</Value></Subcode></Code>", SoapFaultKind.NotSupported)]
    [InlineData("<Code><Value>SOAP-ENV:Sender</Value></Code><Reason><Text>Method 'x' not implemented: method name or namespace not recognized</Text></Reason>", SoapFaultKind.NotSupported)]
    [InlineData("<Code><Value>s:Sender</Value><Subcode><Value>ter:InvalidArgVal</Value><Subcode><Value>ter:NoProfile</Value></Subcode></Subcode></Code>", SoapFaultKind.Refused)]
    [InlineData("<Code><Value>s:Sender</Value><Subcode><Value>vendor:OutOfCheese</Value></Subcode></Code>", SoapFaultKind.Refused)]
    [InlineData("", SoapFaultKind.Refused)]
    public void Faults_are_told_apart(string fault, SoapFaultKind kind)
    {
        var answer = Read($"<s:Envelope><s:Body><s:Fault>{fault}</s:Fault></s:Body></s:Envelope>");
        Assert.Equal(SoapAnswerKind.Fault, answer.Kind);
        Assert.Equal(kind, answer.Fault!.Kind);
    }

    [Fact]
    public void Subcodes_are_read_in_their_order_and_long_reasons_are_cut()
    {
        var fault = Read($"<s:Envelope><s:Body><s:Fault><Code><Value>s:Sender</Value><Subcode><Value>ter:InvalidArgVal</Value><Subcode><Value>ter:NoProfile</Value></Subcode></Subcode></Code><Reason><Text>{new string('r', 999)}</Text></Reason></s:Fault></s:Body></s:Envelope>").Fault!;
        Assert.Equal(["Sender", "InvalidArgVal", "NoProfile"], fault.Codes);
        Assert.Equal(SoapFault.MaxReason, fault.Reason.Length);
    }

    [Theory]
    [InlineData("<html><body>500</body></html>", SoapAnswerKind.NotSoap)]
    [InlineData("", SoapAnswerKind.NotSoap)]
    [InlineData("<s:Envelope/>", SoapAnswerKind.NotSoap)]
    [InlineData("<s:Envelope><s:Body><x>", SoapAnswerKind.Malformed)]
    [InlineData("<s:Envelope><s:Body/></s:Envelope>", SoapAnswerKind.Answer)]
    [InlineData("<Envelope><Header/><Body><x/></Body></Envelope>", SoapAnswerKind.Answer)]
    public void What_came_is_told_coarsely(string document, SoapAnswerKind kind) => Assert.Equal(kind, Read(document).Kind);

    [Fact]
    public void A_request_holds_action_addressing_and_token_and_escapes_what_operators_write()
    {
        var body = new XElement(OnvifNamespaces.Ptz + "SetPreset", new XElement(OnvifNamespaces.Ptz + "PresetName", "<Tor & \"Hof\">"));
        var reference = new XElement(XName.Get("Id", "urn:vendor"), "7");
        byte[] bytes = SoapEnvelope.Write("urn:action", body, UsernameToken.Clear(new OnvifCredentials("u", "p")), new SoapAddressing("http://h/x?a=1&b=2", Guid.Empty, [reference]));
        var envelope = XElement.Parse(Encoding.UTF8.GetString(bytes));
        var header = envelope.Element(OnvifNamespaces.Envelope + "Header")!;
        Assert.Equal("urn:action", header.Element(OnvifNamespaces.Addressing + "Action")!.Value);
        Assert.Equal("http://h/x?a=1&b=2", header.Element(OnvifNamespaces.Addressing + "To")!.Value);
        Assert.Equal("7", header.Element(XName.Get("Id", "urn:vendor"))!.Value);
        Assert.Equal("u", header.Descendants(OnvifNamespaces.Security + "Username").Single().Value);
        Assert.Equal("<Tor & \"Hof\">", envelope.Element(OnvifNamespaces.Envelope + "Body")!.Element(OnvifNamespaces.Ptz + "SetPreset")!.Value);
        Assert.DoesNotContain(OnvifNamespaces.Addressing.NamespaceName, Encoding.UTF8.GetString(SoapEnvelope.Write("urn:action", body, null, null)), StringComparison.Ordinal);
    }

    private static SoapAnswer Read(string document) => SoapAnswer.Read(Encoding.UTF8.GetBytes(document));
}
