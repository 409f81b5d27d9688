using System.Net;
using System.Text;
using System.Xml;
using System.Xml.Linq;
using Microsoft.AspNetCore.Http;

namespace Vms.Testing.FakeDevice;

/// <summary>Namespaces and envelopes as a device writes them.</summary>
internal static class FakeSoap
{
    public const string Tds = "http://www.onvif.org/ver10/device/wsdl";
    public const string Trt = "http://www.onvif.org/ver10/media/wsdl";
    public const string Tr2 = "http://www.onvif.org/ver20/media/wsdl";
    public const string Tptz = "http://www.onvif.org/ver20/ptz/wsdl";
    public const string Timg = "http://www.onvif.org/ver20/imaging/wsdl";
    public const string Tev = "http://www.onvif.org/ver10/events/wsdl";
    public const string Tt = "http://www.onvif.org/ver10/schema";
    public const string Wsnt = "http://docs.oasis-open.org/wsn/b-2";
    public const string Wsa = "http://www.w3.org/2005/08/addressing";
    public const string Soap12 = "http://www.w3.org/2003/05/soap-envelope";
    public const string Soap11 = "http://schemas.xmlsoap.org/soap/envelope/";

    public static string Envelope(string body) =>
        $"""<?xml version="1.0" encoding="UTF-8"?><SOAP-ENV:Envelope xmlns:SOAP-ENV="{Soap12}" xmlns:wsa5="{Wsa}" xmlns:wsnt="{Wsnt}" xmlns:tt="{Tt}" xmlns:tds="{Tds}" xmlns:trt="{Trt}" """
        + $"""xmlns:tr2="{Tr2}" xmlns:tptz="{Tptz}" xmlns:timg="{Timg}" xmlns:tev="{Tev}" xmlns:ter="http://www.onvif.org/ver10/error" xmlns:tns1="http://www.onvif.org/ver10/topics">"""
        + $"<SOAP-ENV:Header/><SOAP-ENV:Body>{body}</SOAP-ENV:Body></SOAP-ENV:Envelope>";

    public static async Task WriteAsync(HttpContext context, int status, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/soap+xml; charset=utf-8";
        context.Response.ContentLength = bytes.Length;
        await context.Response.Body.WriteAsync(bytes);
    }

    /// <summary>A text as it stands in XML.</summary>
    public static string Text(string text) => WebUtility.HtmlEncode(text);
}

/// <summary>A fault of the device: thrown by operations, written as SOAP 1.2.</summary>
internal sealed class FakeFaultException(string code, string reason, int status = StatusCodes.Status400BadRequest) : Exception(reason)
{
    /// <param name="code">Subcodes: "ter:InvalidArgVal/ter:NoProfile".</param>
    public static FakeFaultException Sender(string code, string reason) => new(code, reason);

    public Task WriteAsync(HttpContext context)
    {
        string subcodes = code.Split('/').Reverse().Aggregate("", (inner, value) => $"<SOAP-ENV:Subcode><SOAP-ENV:Value>{value}</SOAP-ENV:Value>{inner}</SOAP-ENV:Subcode>");
        return FakeSoap.WriteAsync(context, status, FakeSoap.Envelope(
            $"<SOAP-ENV:Fault><SOAP-ENV:Code><SOAP-ENV:Value>SOAP-ENV:Sender</SOAP-ENV:Value>{subcodes}</SOAP-ENV:Code>"
            + $"""<SOAP-ENV:Reason><SOAP-ENV:Text xml:lang="en">{FakeSoap.Text(Message)}</SOAP-ENV:Text></SOAP-ENV:Reason></SOAP-ENV:Fault>"""));
    }
}

/// <summary>A request, read as strictly as a schema would.</summary>
internal sealed record FakeRequest(string Path, XElement Body, IReadOnlyList<XElement> Headers)
{
    public string Operation => Body.Name.LocalName;

    public string Namespace => Body.Name.NamespaceName;

    public static FakeRequest Read(HttpContext context, byte[] document)
    {
        try
        {
            using var reader = XmlReader.Create(new MemoryStream(document), new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit });
            var root = XElement.Load(reader);
            var soap = root.Name.Namespace;
            if (root.Name.LocalName != "Envelope" || soap.NamespaceName is not (FakeSoap.Soap12 or FakeSoap.Soap11))
                throw FakeFaultException.Sender("ter:WellFormed", "No envelope");
            var body = root.Element(soap + "Body")?.Elements().SingleOrDefault() ?? throw FakeFaultException.Sender("ter:WellFormed", "Not one operation");
            return new FakeRequest(context.Request.Path, body, [.. root.Element(soap + "Header")?.Elements() ?? []]);
        }
        catch (XmlException e)
        {
            throw FakeFaultException.Sender("ter:WellFormed", e.Message);
        }
    }

    /// <summary>Text of a child in the operation's namespace, which has to be there.</summary>
    public string Text(string name) => Body.Element(Body.Name.Namespace + name)?.Value ?? throw FakeFaultException.Sender("ter:InvalidArgs", $"{Operation}: {name} is missing");

    /// <summary>Null when it is not there.</summary>
    public string? Optional(string name) => Body.Element(Body.Name.Namespace + name)?.Value;

    public XElement? Child(string name) => Body.Element(Body.Name.Namespace + name);

    /// <summary>The children are some of these, in this order, in the operation's namespace, as xs:sequence says.</summary>
    public void Expect(params string[] names) => Expect(Body, Body.Name.Namespace, names);

    public static void Expect(XElement parent, XNamespace of, params string[] names)
    {
        int at = 0;
        foreach (var child in parent.Elements())
        {
            int found = child.Name.Namespace == of ? Array.IndexOf(names, child.Name.LocalName, at) : -1;
            if (found < 0)
                throw FakeFaultException.Sender("ter:InvalidArgs", $"{parent.Name.LocalName}: {child.Name} does not belong there");
            at = found;
        }
    }
}
