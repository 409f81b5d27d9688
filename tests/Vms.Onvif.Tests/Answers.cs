using System.Text;
using Vms.Onvif.Soap;

namespace Vms.Onvif.Tests;

/// <summary>Reads answers that stand in tests as text.</summary>
internal static class Answers
{
    /// <param name="body">The child of SOAP's Body.</param>
    public static T? ReadWith<T>(this OnvifCall<T> call, string body)
        where T : class
    {
        var answer = SoapAnswer.Read(Encoding.UTF8.GetBytes($"<s:Envelope xmlns:s='http://www.w3.org/2003/05/soap-envelope'><s:Body>{body}</s:Body></s:Envelope>"));
        Assert.Equal(SoapAnswerKind.Answer, answer.Kind);
        return call.Read(answer);
    }
}
